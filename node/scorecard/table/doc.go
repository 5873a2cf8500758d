// Package table reads a file of cases (CSV, Parquet or ARFF, gzipped or not) into the rows that a card is trained on or
// scores.
//
// It owns what a column of such a file means to a card: a number, a date as a number of days, or one of a list of words. It
// is for files that a risk officer brings to the model commands; departments' deliveries are read elsewhere.
//
// It never puts a value of the file into an error.
package table
