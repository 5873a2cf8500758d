// Package translog is a transparency log: leaves are appended, never changed, and anyone can check that a leaf stands in it and that the
// log was never rewritten. It keeps C2SP tlog-tiles on disk (with tessera), so that existing tools can verify it too.
//
// It owns the leaf's closed format, the folder of tiles and the proofs. It must never hold anything about a person or a firm: a leaf carries
// a salted commitment, which only those who hold the record can open.
package translog
