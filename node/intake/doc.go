// Package intake is how deliveries reach the node without a clerk copying files: departments' systems push them over HTTP, and the node pulls views
// of departments' PostgreSQL databases. It owns the folder inbox of the node (inbox/DEPARTMENT/FILE, complete files that wait to be loaded), the
// parts of uploads under way, the receipts of what became of each file, and how far each view has been read.
//
// Invariants: a file is in the inbox whole or not at all, under its own name, and no file there is ever overwritten; a department writes only to
// catalogues of its own; rows once read from a view are counted as they are loaded.
//
// It must never look into a row, and never write a file's name, a value or a password to a log or an error.
package intake
