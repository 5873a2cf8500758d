// Package indicator computes figures about firms as of a date.
//
// It owns the list of indicators (what each means, how it is computed, from which catalogues, over which window) and the SQL that computes them
// from the linked views. Every figure is as-of correct: it is made of nothing but rows that were known, and not yet superseded, on its date, so
// that a row delivered later cannot change it.
//
// It must never look at a row that has no firm, never fill a gap with a guess (a figure that cannot be known is NULL), and never know what a
// score does with its figures.
package indicator
