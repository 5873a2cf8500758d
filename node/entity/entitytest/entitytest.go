package entitytest

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the engine

	"github.com/yidaitong/yidaitong/node/lake"
)

//go:embed sql/town.sql
var townSQL string

//go:embed sql/record.sql
var recordSQL string

// Options say how large and how hard the files are.
type Options struct {
	Firms   int // in the reference
	Records int
	Seed    int64
	Damage  float64  // share of identifiers that are damaged, 0 to 1
	Bare    float64  // share of records that bear no identifier
	Outside float64  // share of records about firms that are not in the reference, half of them namesakes of one that is
	Trades  []string // trade names to draw from; nil combines characters
}

// Files are what Write made. Reference and Records are input of `entity match`; Truth has record_id, firm_id (empty for a firm outside), kind
// (enterprise, individual), class (code, bare), origin (inside, outside, division, industry, form), damage and name_damage.
type Files struct{ Reference, Records, Truth string }

// Write makes the files in dir.
func Write(ctx context.Context, dir string, o Options) (Files, error) {
	files := Files{filepath.Join(dir, "R.csv"), filepath.Join(dir, "X.csv"), filepath.Join(dir, "truth.csv")}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return files, err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return files, err
	}
	defer conn.Close()
	trades := "SELECT NULL::VARCHAR AS trade WHERE false"
	if len(o.Trades) > 0 {
		list := filepath.Join(dir, "trades.csv")
		if err := os.WriteFile(list, []byte("trade\n"+strings.Join(o.Trades, "\n")+"\n"), 0o600); err != nil {
			return files, err
		}
		defer os.Remove(list)
		trades = "SELECT trade FROM read_csv(" + lake.Path(list) + ", header = true, columns = {'trade': 'VARCHAR'}, delim = '\t', quote = '')"
	}
	settings := fmt.Sprintf(`CREATE MACRO seed() AS %d; CREATE MACRO firms() AS %d; CREATE MACRO records() AS %d;
		CREATE MACRO damage() AS %g; CREATE MACRO bare() AS %g; CREATE MACRO outside() AS %g;
		CREATE TEMP TABLE trade_given AS SELECT row_number() OVER (ORDER BY trade) AS no, trade FROM (%s)`,
		o.Seed, o.Firms, o.Records, o.Damage, o.Bare, o.Outside, trades)
	for _, query := range []string{
		settings, townSQL, recordSQL,
		"COPY (SELECT firm_id, name, usci, reg_no, address, legal_person FROM firm WHERE origin = 'inside' ORDER BY id) TO " + lake.Quote(files.Reference) + " (HEADER)",
		"COPY (SELECT record_id, name, usci, reg_no, address, legal_person FROM record ORDER BY no) TO " + lake.Quote(files.Records) + " (HEADER)",
		"COPY (SELECT record_id, CASE WHEN origin = 'inside' THEN firm_id END AS firm_id, kind, class, origin, damage, name_damage FROM record ORDER BY no) TO " + lake.Quote(files.Truth) + " (HEADER)",
	} {
		if _, err := conn.ExecContext(ctx, query); err != nil {
			return files, fmt.Errorf("write the files of linking: %w", err)
		}
	}
	return files, nil
}
