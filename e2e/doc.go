// Package e2e drives the built binary with text scripts (testdata/*.txt, rsc.io/script), as an operator would at a terminal.
//
// A script says which commands are typed and what must come out. It must never reach into the product's packages: what a script
// cannot see at the command line, over HTTP or in a folder is not its business.
package e2e
