// Package city makes a synthetic city: firms with valid identifiers and believable names, their owners, a hidden health that
// moves month by month and drives what every department sees of them, and the deliveries of those departments, as dirty as
// deliveries are. The truth is written beside them, so that whoever reads the deliveries can be measured.
//
// It owns the generator's SQL (sql/), run set-wise by DuckDB, and the table of column titles that departments use
// (headers.tsv). The same seed gives the same content, whatever the number of threads.
//
// How it is calibrated, for 2,000 firms: about 650,000 records; about 1,500 loans whose end is known, 5 to 9 in a hundred of them in
// default within twelve months (by seed: industries have good and bad years); the hidden health on the day of lending orders them with
// an AUC of 0.85 to 0.90, and what departments had delivered by then leaves a card some 0.05 to 0.1 below that. Sizes, prices
// and shares are plausible, not measured: nothing here may be read as statistics about a real city.
//
// It must never read what a real department sent, nor be imported by the node or the platform: they know the city only through
// its files.
package city
