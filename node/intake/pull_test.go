package intake_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/intake"
	"github.com/yidaitong/yidaitong/node/lake"
)

// puller is a node that reads a view of payments.
type puller struct {
	t         *testing.T
	dir       string
	contracts *catalog.Catalogs
	view      intake.View
	db        *pgx.Conn
	now       time.Time
}

func newPuller(t *testing.T) *puller {
	t.Helper()
	contracts, err := catalog.Load(catalogs.FS)
	must(t, err)
	payment, _ := contracts.Find("tax", "tax_payment")
	p := &puller{t: t, dir: t.TempDir(), contracts: contracts, now: time.Date(2026, 10, 16, 9, 0, 0, 0, time.UTC)}
	p.view = intake.View{Name: "share.付款", Catalogue: payment}
	p.view.From, p.db = database(t)
	p.exec(`create schema share;
		create table payment (taxpayer_id text, firm_name varchar(200), period date, tax_kind text, paid_yuan numeric(18,2), paid_on date, changed timestamptz, id bigserial, refund bool);
		create view share.付款 as select taxpayer_id, firm_name as 纳税人名称, period, tax_kind, paid_yuan as 实缴税额, paid_on, changed, id, refund from payment`)
	return p
}

func (p *puller) exec(statement string) {
	p.t.Helper()
	_, err := p.db.Exec(context.Background(), statement)
	must(p.t, err)
}

func (p *puller) pull() (intake.Pulled, error) {
	return intake.Pull(p.t.Context(), p.dir, p.view, func() time.Time { return p.now })
}

// load loads what was pulled as the program does, and looks at the lake.
func (p *puller) load(pulled intake.Pulled, look func(db *sql.DB)) delivery.LoadReport {
	p.t.Helper()
	l, err := lake.Open(p.t.Context(), filepath.Join(p.dir, "lake"), lake.Options{})
	must(p.t, err)
	defer l.Close()
	must(p.t, delivery.Prepare(p.t.Context(), l, p.contracts))
	report, err := delivery.Load(p.t.Context(), l, p.contracts, []string{pulled.Path}, delivery.LoadOptions{Clock: time.Now})
	must(p.t, err)
	_, err = intake.Settle(p.dir, pulled.Path, report, p.now)
	must(p.t, err)
	must(p.t, intake.Advance(p.dir, p.view, pulled, p.now))
	if report.Received != pulled.Rows {
		p.t.Errorf("%d rows pulled, %d received: %+v", pulled.Rows, report.Received, report)
	}
	if look != nil {
		look(l.DB())
	}
	return report
}

func TestAViewArrivesAsItIs(t *testing.T) {
	p := newPuller(t)
	p.exec(`insert into payment values
		('91341500799655058B', E'六安市，带"引号"的\n公司', '2024-03-01', '增值税', 1234.5, '2024-04-05', now(), 1, true),
		('341502800000015', '', '2024-02-01', '印花税', -0.01, '2024-03-01', now(), 2, false),
		(null, null, '2024-02-01', '契税', 1, '2024-03-01', now(), 3, null)`)
	pulled, err := p.pull()
	must(t, err)
	if pulled.Rows != 3 || filepath.Dir(pulled.Path) != filepath.Join(p.dir, "inbox", "tax") || !strings.HasPrefix(filepath.Base(pulled.Path), "tax_payment_20261016_") {
		t.Fatalf("pulled %+v", pulled)
	}
	text, err := os.ReadFile(pulled.Path)
	must(t, err)
	if head, _, _ := strings.Cut(string(text), "\n"); head != "taxpayer_id,纳税人名称,period,tax_kind,实缴税额,paid_on,changed,id,refund" || !strings.Contains(string(text), ",是\n") {
		t.Errorf("the file: %q", text)
	}
	report := p.load(pulled, func(db *sql.DB) {
		var got []string
		rows, err := db.QueryContext(t.Context(), `SELECT concat_ws('|', taxpayer_id, firm_name, period, paid_yuan, paid_on, _known_on) FROM landed.tax__tax_payment ORDER BY _row`)
		must(t, err)
		defer rows.Close()
		for rows.Next() {
			var row string
			must(t, rows.Scan(&row))
			got = append(got, row)
		}
		must(t, rows.Err())
		want := []string{"91341500799655058B|六安市，带\"引号\"的\n公司|2024-03-01|1234.50|2024-04-05|2026-10-16", "341502800000015|2024-02-01|-0.01|2024-03-01|2026-10-16"}
		if !slices.Equal(got, want) {
			t.Errorf("landed %q", got)
		}
	})
	if report.Landed != 2 || report.Quarantined != 1 {
		t.Errorf("report %+v", report)
	}
	p.view.Whole = true
	if pulled, err := p.pull(); err != nil || !strings.Contains(pulled.Path, "tax_payment_full_20261016_") {
		t.Errorf("the whole view: %+v %v", pulled, err)
	}
}

// Reading on from the mark brings what is new, and what was written in the mark's own instant, and loses nothing.
func TestReadingOn(t *testing.T) {
	p := newPuller(t)
	p.view.Since = "changed"
	insert := func(kind, changed string) {
		p.exec(`insert into payment (taxpayer_id, period, tax_kind, paid_yuan, paid_on, changed) values ('91341500799655058B', '2024-03-01', '` + kind + `', 1, '2024-04-05', ` + changed + `)`)
	}
	step := func(rows, landed int64) {
		t.Helper()
		p.now = p.now.Add(time.Hour)
		pulled, err := p.pull()
		must(t, err)
		if pulled.Rows != rows {
			t.Fatalf("pulled %+v, want %d rows", pulled, rows)
		}
		if report := p.load(pulled, nil); report.Landed != landed || report.Duplicates != rows-landed {
			t.Errorf("report %+v, want %d landed", report, landed)
		}
	}
	if pulled, err := p.pull(); err != nil || pulled.Rows != 0 || pulled.Path != "" {
		t.Errorf("an empty view: %+v %v", pulled, err)
	}
	insert("一", `'2026-01-01 10:00:00.123456+08'`)
	insert("二", `'2026-01-01 11:00:00.5+08'`)
	step(2, 2)
	insert("三", `'2026-01-01 11:00:00.5+08'`) // in the very instant of the mark
	insert("四", `'2026-01-01 12:00:00+08'`)
	insert("五", `null`)
	step(4, 3)
	step(2, 0) // the row at the mark and the one without a time, again
	if inbox, err := os.ReadDir(filepath.Join(p.dir, "inbox", "tax")); err != nil || len(inbox) > 0 {
		t.Errorf("left in the inbox: %v %v", inbox, err)
	}
	// Numbers and text grow as well; a mark of another column does not count.
	for _, column := range []string{"id", "tax_kind"} {
		p.view.Since = column
		pulled, err := p.pull()
		if err != nil || pulled.Rows != 5 {
			t.Fatalf("%s: %+v %v", column, pulled, err)
		}
		// As long as what was read is not loaded, it is read again.
		if again, err := p.pull(); err != nil || again.Rows != 5 {
			t.Fatalf("%s without advancing: %+v %v", column, again, err)
		}
		must(t, intake.Advance(p.dir, p.view, pulled, p.now))
		must(t, os.Remove(pulled.Path))
		if pulled, err = p.pull(); err != nil || pulled.Rows != 1 {
			t.Errorf("%s again: %+v %v", column, pulled, err)
		}
	}
}

// A mark that holds quotes and backslashes is a value, whatever the server's settings.
func TestAMarkIsAValue(t *testing.T) {
	p := newPuller(t)
	p.view.Since = "tax_kind"
	p.exec(`alter database ` + p.db.Config().Database + ` set standard_conforming_strings = off`)
	p.exec(`insert into payment (taxpayer_id, period, tax_kind, paid_yuan, paid_on) values ('1', '2024-03-01', E'\\'' or true; drop table payment; --\\\\', 1, '2024-04-05'), ('1', '2024-03-01', ' ', 1, '2024-04-05')`)
	for i, want := range []int64{2, 1, 1} {
		pulled, err := p.pull()
		if err != nil || pulled.Rows != want {
			t.Errorf("reading %d: %+v %v", i, pulled, err)
		}
		must(t, intake.Advance(p.dir, p.view, pulled, p.now))
	}
}

func TestWhatCannotBePulled(t *testing.T) {
	p := newPuller(t)
	p.exec(`insert into payment (taxpayer_id, tax_kind) values ('机密编号', 'x');
		create sequence s; create view writes as select nextval('s') as taxpayer_id;
		create view fails as select taxpayer_id::int as taxpayer_id from payment;
		create view bytes as select 'a'::bytea as taxpayer_id;
		create table hidden (a int); create role reader login password 'x'`)
	from := p.view.From
	for name, c := range map[string]struct {
		view intake.View
		says string
	}{
		"no address":     {intake.View{From: "postgres://reader:" + password + "@%zz/", Name: "v"}, "no address"},
		"another kind":   {intake.View{From: "host=" + postgres.dir + " password=" + password, Name: "v"}, "must begin with postgres://"},
		"no server":      {intake.View{From: "postgres://reader:" + password + "@/x?host=" + t.TempDir(), Name: "v"}, "the connection failed"},
		"wrong password": {intake.View{From: strings.Replace(from, password, "wrong-"+password, 1), Name: "v"}, "the password was refused"},
		"no database":    {intake.View{From: addressOf("nowhere"), Name: "v"}, "no such database"},
		"no view":        {intake.View{From: from, Name: "v"}, "no such view"},
		"no view either": {intake.View{From: from, Name: `share."; drop table payment; --`}, "no such view"},
		"no schema":      {intake.View{From: from, Name: "nowhere.v"}, "no such view"},
		"no right":       {intake.View{From: strings.Replace(from, "postgres:"+password, "reader:x", 1), Name: "hidden"}, "may not read"},
		"no such column": {intake.View{From: from, Name: "share.付款", Since: "nothing"}, "no column nothing"},
		"it writes":      {intake.View{From: from, Name: "writes"}, "25006"},
		"it fails":       {intake.View{From: from, Name: "fails"}, "22P02"},
		"it holds bytes": {intake.View{From: from, Name: "bytes"}, "holds bytes"},
	} {
		c.view.Catalogue = p.view.Catalogue
		_, err := intake.Pull(t.Context(), p.dir, c.view, time.Now)
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "机密") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(p.dir, "inbox", "*", "*")); err != nil || len(left) > 0 {
		t.Errorf("left %v", left)
	}
	if left, err := filepath.Glob(filepath.Join(p.dir, "inbox", ".parts", "*")); err != nil || len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
