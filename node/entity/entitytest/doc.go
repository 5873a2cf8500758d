// Package entitytest writes what linking is measured on: a reference of firms, records about them and about firms that are not in it, and which
// firm each record means. It owns nothing that the product runs; tests and benchmarks use it.
//
// The hard part is made on purpose: namesakes that differ from a firm of the reference in nothing but division, industry or form, records
// without any identifier, and individual businesses that share their names. The same options give the same files.
package entitytest
