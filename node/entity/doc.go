// Package entity says whose record a record is: it reads the identifiers and names that departments wrote, mends what a check digit allows to
// mend, and links every record to one firm of the registration catalogues, or to none.
//
// It owns the rules of identifiers (unified social credit code, organisation code, registration number, resident ID, old tax numbers), the
// normal form of names, the schemas entity (firms, names, links) and linked (landed rows with their firm_id), and `entity match`.
//
// It must never guess: a link is made where an identifier, or a full name that only one enterprise bears, or several agreeing fields say so,
// and every link carries its rule and confidence. It must never write an identifier or a name into a log or an error.
package entity
