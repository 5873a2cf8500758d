// Package delivery takes what departments send, as they send it: it finds out what a file is, reads it, mends what the contract can mend,
// keeps back what it cannot with row, column and rule, and lands the rest in the lake. It owns the ledger (every file ever taken, row for
// row accounted for), the quarantine, the landed Parquet files and the views over them.
//
// Invariant: for every file, received = landed + quarantined + duplicates. A load is atomic per batch: temporary files, fsync, rename, then
// one transaction of the ledger is the moment at which the batch counts. Whatever a crash leaves behind is swept when the lake is next opened.
//
// A delivery is an increment, the whole (what is absent from it ends on its day) or a deletion; rows of any may say by themselves that they end what
// stands under their key. Versions of a key stand in the order in which they became known: by day, within a day wholes first and then by the files'
// names. Loads may come in any order and number; what is in force on a day is the same. For this the lake keeps, beside the rows, their keys and
// hashes, rows that only end others (which no view shows), and which rows were dropped as repetitions of which.
//
// Landed rows lie in segments, Parquet files of one catalogue, in the order of deliveries and rows. They are never changed; merging some into one
// leaves their rows as they are. An upgrade of the engine may change how it hashes: segments say how theirs were hashed, and are hashed anew when read.
//
// It must never write a value out of a row to a log or an error, and never send anything anywhere.
package delivery
