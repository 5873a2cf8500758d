// Package exchange carries messages between the platform and the cities' nodes: queued until a node has fetched them, verified when they
// come, kept with their proofs.
//
// It owns the queue, the answers and the listener that nodes dial. It must never hand out what was not logged, and never believe an
// answer whose signature, log proof or fields do not hold.
package exchange
