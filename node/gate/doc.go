// Package gate is the only door of the government network: it answers a request when everything that has to hold does hold, and refuses
// it with a code otherwise.
//
// It owns the folder gate/ of the node (requests seen, uses counted, revocations, watches, answers to be sent) and reads the serving snapshot
// current/. Whatever leaves it is a closed message of border, validated, signed, and in the node's log. It must never open the lake, and
// never answer without a grant that holds.
package gate
