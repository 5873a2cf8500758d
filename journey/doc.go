// Package journey carries a loan through the platform the way its users do: over HTTP, page by page, form by form.
//
// It owns the script of the 21 steps and of the further paths, the plain browser that plays them, and the record of what was
// done (journal), so that an interrupted journey goes on where it stopped and never does a thing twice. What lies outside the
// pages (an adverse record delivered to the city, a look at the logs) is handed in as functions by whoever starts it. It must
// never import another part of the tree, call a service behind the pages, or report a step that did not run.
package journey
