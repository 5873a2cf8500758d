package city

import (
	"fmt"
	"slices"
	"strings"
)

// Formats of delivered files.
const (
	formatCSV       = "csv"       // UTF-8
	formatBOM       = "csv-bom"   // UTF-8 with a byte order mark
	formatGB        = "csv-gb"    // GB18030 with Windows line ends
	formatUTF16     = "csv-utf16" // UTF-16, little endian, with a byte order mark and Windows line ends, as a spreadsheet program's "Unicode text"
	formatSemicolon = "csv-semi"  // semicolons between the cells
	formatTab       = "csv-tab"   // tabs between the cells
	formatGzip      = "csv.gz"    // UTF-8, compressed
	formatZip       = "csv.zip"   // UTF-8, the one member of an archive
	formatXLSX      = "xlsx"
	formatSheets    = "xlsx-sheets" // a spreadsheet whose rows stand on two sheets, with a third that explains how to fill them in
	formatLines     = "jsonl"
	formatArray     = "json"
	formatParquet   = "parquet"
)

var formats = []string{formatCSV, formatBOM, formatGB, formatUTF16, formatSemicolon, formatTab, formatGzip, formatZip,
	formatXLSX, formatSheets, formatLines, formatArray, formatParquet}

// format returns the format of a file delivered in a year.
func (c catalogue) format(choice string, year int) string {
	switch choice {
	case "csv":
		return formatCSV
	case "parquet":
		return formatParquet
	}
	format := ""
	for part := range strings.SplitSeq(c.formats, ",") {
		from, name, found := strings.Cut(part, ":")
		if !found {
			format = from
		} else if fmt.Sprint(year) >= from {
			format = name
		}
	}
	return format
}

// knownFormats refuses a format that nobody writes.
func (c catalogue) knownFormats() error {
	for part := range strings.SplitSeq(c.formats, ",") {
		_, name, found := strings.Cut(part, ":")
		if !found {
			name = part
		}
		if !slices.Contains(formats, name) {
			return fmt.Errorf("%s comes in the format %q, which is none of %s", c.name, name, strings.Join(formats, ", "))
		}
	}
	return nil
}

// extension is how the name of a file of this format ends.
func extension(format string) string {
	base, _, _ := strings.Cut(format, "-")
	return base
}

// delimiter is what stands between the cells of a CSV file.
func delimiter(format string) string {
	switch format {
	case formatSemicolon:
		return ";"
	case formatTab:
		return `\t`
	}
	return ","
}
