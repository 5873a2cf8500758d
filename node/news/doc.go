// Package news reads what the public says: news, announcements, recruitment, tenders and posts. It finds which firms of the register a text
// means, what happened to each of them, and how sure that is.
//
// It owns the automaton over all names, the forms in which texts name firms, the two models (is this firm meant; what happened to it), the
// lexicon of events, and the schema news: mention, event, and what was read so far.
//
// It must never link a firm by a generic word alone: a trade name that stands without anything that says "firm" counts only where the same text
// names the firm in full, or says its place and trade. It must never write a text or a name into a log or an error.
package news
