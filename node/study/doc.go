// Package study takes the real invoices of 425 real firms through the node as it is: the same catalogues, delivery, lake,
// linking, indicators and scorecard as a city's data, in a node of its own that is removed afterwards.
//
// It owns what is particular to that study: which files belong to it, on which day it stands, that the bank's rating may
// teach but never enter a card, and the advice on a rate that maximises what a bank can expect to earn.
//
// It never computes a figure about a firm itself, and it never keeps a row.
package study
