// Package store keeps the platform's rows: one SQL text for SQLite and PostgreSQL.
//
// It owns the connections, the migrations and the rule that writes are short, serialised transactions. A query is written
// with $1 placeholders. Conventions of every table: ids are ULIDs in TEXT, times and dates are BIGINT microseconds since 1970
// UTC (0 means none), money is BIGINT fen, booleans are BIGINT 0 or 1, bytes are BYTEA (a blob on SQLite), lists are JSON in
// TEXT. It must never build SQL out of what a user typed.
package store
