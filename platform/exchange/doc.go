// Package exchange carries requests to the cities' nodes and their answers back: queued, logged, verified, kept.
//
// It owns the tables exchange_outgoing and exchange_incoming and the listener that the nodes dial. It must never keep an answer that it
// has not verified (signature, log proof, every field), never hand out a request that is not in the log, and never lose one.
package exchange
