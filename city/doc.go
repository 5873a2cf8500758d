// Package city makes a synthetic city: firms with valid identifiers and believable names, their owners, a hidden health that
// moves month by month and drives what every department sees of them, and the deliveries of those departments, as dirty as
// deliveries are. The truth is written beside them, so that whoever reads the deliveries can be measured.
//
// It owns the generator's SQL (sql/), run set-wise by DuckDB, and the table of column titles that departments use
// (headers.tsv). The same seed gives the same content, whatever the number of threads.
//
// It must never read what a real department sent, nor be imported by the node or the platform: they know the city only through
// its files.
package city
