// Package city makes a synthetic city: firms with valid identifiers and believable names, their owners, a hidden health that
// moves month by month and drives what every department sees of them, and the deliveries of those departments, as dirty as
// deliveries are. The truth is written beside them, so that whoever reads the deliveries can be measured.
//
// It owns the generator's SQL (sql/), run set-wise by DuckDB, one query of clean rows for each catalogue (sql/clean/), and the tables of
// how each catalogue is delivered and goes wrong (delivered/DEPARTMENT.tsv); what the columns are, their keys and titles, it reads from
// the contracts. The same seed gives the same content, whatever the number of threads.
//
// A catalogue is added by three files: its contract, its line in delivered/, its query. The columns of that line:
//
//	catalogue  the contract's name
//	order      the field by which the clerk's export is sorted
//	how        any of: core (part of a small city), reference (the register: identifiers undamaged), versioned (comes again when it ends),
//	           fixed (the identifier may be damaged but is never empty), whole (on two days all that the department holds comes in one file),
//	           withdrawn (some records are taken back in a file of their own), marked (… by a column 操作), invoice (made quarter by quarter)
//	format     see the formats in format.go; "xlsx,2024:csv" changes with a year
//	title      stands above the header of a spreadsheet
//	late       what a late correction changes: field=SQL;field=SQL
//	invalid    what a careless clerk may produce: field:bad_date, field:letters_in_amount, field:negative_count, field:missing_required
//	optional   columns that are left out in some years
//
// A query yields one row per record: _firm (whose it is; NULL where no firm is meant), _known_on (the day of delivery) and the contract's fields.
//
// How it is calibrated, for the core of 2,000 firms: about 650,000 records; about 1,500 loans whose end is known, 5 to 9 in a hundred of them in
// default within twelve months (by seed: industries have good and bad years); the hidden health on the day of lending orders them with
// an AUC of 0.85 to 0.90, and what departments had delivered by then leaves a card some 0.05 to 0.1 below that. Sizes, prices
// and shares are plausible, not measured: nothing here may be read as statistics about a real city.
//
// It must never read what a real department sent, nor be imported by the node or the platform: they know the city only through
// its files.
package city
