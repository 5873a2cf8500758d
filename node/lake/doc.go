// Package lake is the node's analytical engine: one DuckDB database in the node's folder, open in one process at a time, with bounded
// memory. It owns opening, locking and closing; what the tables mean belongs to the packages that keep them. It must never be opened by
// the serving worker, which reads the snapshot only.
package lake
