// Package delivery takes what departments send, as they send it: it finds out what a file is, reads it, mends what the contract can mend,
// keeps back what it cannot with row, column and rule, and lands the rest in the lake. It owns the ledger (every file ever taken, row for
// row accounted for), the quarantine, the landed Parquet files and the views over them.
//
// Invariant: for every file, received = landed + quarantined + duplicates. A load is atomic per batch: temporary files, fsync, rename, then
// one transaction of the ledger is the moment at which the batch counts. Whatever a crash leaves behind is swept when the lake is next opened.
//
// It must never write a value out of a row to a log or an error, and never send anything anywhere.
package delivery
