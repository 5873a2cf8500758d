// Package catalog knows the departments and their data catalogues: which fields a catalogue has, what they are called in the files that
// departments send, which rules their values keep, and whose post answers for them. It reads data contracts (Open Data Contract Standard
// v3) and refuses an incomplete one with its file and field. It must never see a row of data.
package catalog
