package delivery

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// QualityReport is what was right and wrong with what a department sent. It names files, rows, columns and rules, and never a value.
type QualityReport struct {
	Department  string             `json:"department"`
	TitleZH     string             `json:"title"`
	AsOf        string             `json:"as_of"`
	Received    int64              `json:"received"`
	Landed      int64              `json:"landed"`
	Quarantined int64              `json:"quarantined"`
	Duplicates  int64              `json:"duplicates"`
	Catalogues  []CatalogueQuality `json:"catalogues"`
	Refused     []RefusedFile      `json:"refused"`
	ToMend      []Mend             `json:"to_mend"`
	ToMendTotal int64              `json:"to_mend_total"` // more than are listed when the list was cut off
}

// CatalogueQuality is the quality of one catalogue's deliveries, in the dimensions of GB/T 36344 that the files themselves show.
type CatalogueQuality struct {
	Catalogue   string            `json:"catalogue"`
	TitleZH     string            `json:"title"`
	OwnerPost   string            `json:"owner_post"`
	Received    int64             `json:"received"`
	Landed      int64             `json:"landed"`
	Quarantined int64             `json:"quarantined"`
	Duplicates  int64             `json:"duplicates"`
	Corrected   int64             `json:"corrected"` // landed rows that a later one superseded
	Conflicts   int64             `json:"conflicts"` // of these, by another row of the same day
	Latest      string            `json:"latest"`    // day of the last delivery, "" for none
	Cycle       string            `json:"cycle"`
	DaysLate    int               `json:"days_late"`
	Deliveries  []DeliveryQuality `json:"deliveries"`
	Fields      []FieldQuality    `json:"fields"`
	Checks      []CheckQuality    `json:"checks"`
	Faults      []FaultCount      `json:"faults"`
}

// DeliveryQuality is one file's account.
type DeliveryQuality struct {
	File           string   `json:"file"`
	KnownOn        string   `json:"known_on"`
	Format         string   `json:"format"`
	Encoding       string   `json:"encoding"`
	Received       int64    `json:"received"`
	Landed         int64    `json:"landed"`
	Quarantined    int64    `json:"quarantined"`
	Duplicates     int64    `json:"duplicates"`
	MissingColumns []string `json:"missing_columns"`
	UnknownColumns []string `json:"unknown_columns"`
}

// FieldQuality says how full a column is and how many of its values keep the rule that only warns.
type FieldQuality struct {
	Field   string `json:"field"`
	TitleZH string `json:"title"`
	Filled  int64  `json:"filled"`
	Of      int64  `json:"of"`
	Odd     int64  `json:"odd"` // values that break the standard's pattern or the list of values
}

// CheckQuality says how many landed rows contradict themselves.
type CheckQuality struct {
	Check   string `json:"check"`
	TitleZH string `json:"title"`
	Broken  int64  `json:"broken"`
}

// FaultCount says how many rows a rule kept back.
type FaultCount struct {
	Field   string `json:"field"`
	TitleZH string `json:"title"`
	Rule    string `json:"rule"`
	RuleZH  string `json:"rule_title"`
	Rows    int64  `json:"rows"`
}

// RefusedFile is a file that was not taken.
type RefusedFile struct {
	File   string `json:"file"`
	On     string `json:"on"`
	Reason string `json:"reason"`
}

// Mend is one thing to put right in one row.
type Mend struct {
	Catalogue string `json:"catalogue"`
	TitleZH   string `json:"title"`
	File      string `json:"file"`
	Row       int64  `json:"row"`  // first row of data is 1
	Line      int64  `json:"line"` // counting what stands above the data, as a spreadsheet shows it
	Column    string `json:"column"`
	Rule      string `json:"rule"`
	RuleZH    string `json:"rule_title"`
	Shape     string `json:"shape"` // 9 for a digit, A for a letter, 文 for a character
	Advice    string `json:"advice"`
}

// maxMend is how many rows to mend a report lists; the rest shows once these are mended.
const maxMend = 50_000

// Quality reports on everything that a department has sent so far.
func Quality(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, department string, now time.Time) (QualityReport, error) {
	its := contracts.Of(department)
	if len(its) == 0 {
		return QualityReport{}, fmt.Errorf("there is no department %q; the departments are %s", department, departmentCodes(contracts))
	}
	q := QualityReport{Department: department, TitleZH: its[0].DepartmentZH, AsOf: now.Format(time.DateOnly), Refused: []RefusedFile{}, ToMend: []Mend{}}
	for _, c := range its {
		quality, err := catalogueQuality(ctx, l.DB(), c, now)
		if err != nil {
			return q, fmt.Errorf("measure %s: %w", c.View(), err)
		}
		q.Received += quality.Received
		q.Landed += quality.Landed
		q.Quarantined += quality.Quarantined
		q.Duplicates += quality.Duplicates
		q.Catalogues = append(q.Catalogues, quality)
	}
	if err := q.addRefused(ctx, l.DB()); err != nil {
		return q, err
	}
	return q, q.addMends(ctx, l.DB(), its)
}

func departmentCodes(contracts *catalog.Catalogs) string {
	var codes []string
	for _, d := range contracts.Departments() {
		codes = append(codes, d.Code)
	}
	return strings.Join(codes, ", ")
}

func catalogueQuality(ctx context.Context, db *sql.DB, c *catalog.Contract, now time.Time) (CatalogueQuality, error) {
	q := CatalogueQuality{Catalogue: c.Name, TitleZH: c.TitleZH, OwnerPost: c.OwnerPost, Cycle: cycleZH[c.UpdateCycle],
		Deliveries: []DeliveryQuality{}, Fields: []FieldQuality{}, Checks: []CheckQuality{}, Faults: []FaultCount{}}
	if err := q.addDeliveries(ctx, db, c, now); err != nil {
		return q, err
	}
	if err := q.addLanded(ctx, db, c); err != nil {
		return q, err
	}
	return q, q.addFaults(ctx, db, c)
}

var cycleZH = map[catalog.Cycle]string{
	catalog.CycleDaily: "每日", catalog.CycleMonthly: "每月", catalog.CycleQuarterly: "每季度", catalog.CycleYearly: "每年",
}

// cycleDays is a cycle's length and the days of grace after it. Departments deliver a period's data in the first days of the next.
var cycleDays = map[catalog.Cycle]int{
	catalog.CycleDaily: 1 + 7, catalog.CycleMonthly: 31 + 15, catalog.CycleQuarterly: 92 + 15, catalog.CycleYearly: 366 + 60,
}

func (q *CatalogueQuality) addDeliveries(ctx context.Context, db *sql.DB, c *catalog.Contract, now time.Time) error {
	rows, err := db.QueryContext(ctx, `SELECT file, known_on, format, encoding, received, landed, quarantined, duplicates,
			array_to_string(list_transform(list_filter(list_zip(fields, headers), lambda p: p[2] = ''), lambda p: p[1]), chr(31)), array_to_string(unknown, chr(31))
		FROM ledger.delivery WHERE department = ? AND catalogue = ? ORDER BY known_on, delivery_no`, c.Department, c.Name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var d DeliveryQuality
		var knownOn time.Time
		var missing, unknown string
		if err := rows.Scan(&d.File, &knownOn, &d.Format, &d.Encoding, &d.Received, &d.Landed, &d.Quarantined, &d.Duplicates, &missing, &unknown); err != nil {
			return err
		}
		d.KnownOn = knownOn.Format(time.DateOnly)
		for _, field := range splitList(missing) {
			f, _ := c.Field(field)
			d.MissingColumns = append(d.MissingColumns, f.TitleZH)
		}
		d.UnknownColumns = splitList(unknown)
		q.Received, q.Landed, q.Quarantined, q.Duplicates = q.Received+d.Received, q.Landed+d.Landed, q.Quarantined+d.Quarantined, q.Duplicates+d.Duplicates
		q.Latest = d.KnownOn
		q.DaysLate = max(0, int(now.Sub(knownOn).Hours()/24)-cycleDays[c.UpdateCycle])
		q.Deliveries = append(q.Deliveries, d)
	}
	return rows.Err()
}

func splitList(joined string) []string {
	if joined == "" {
		return nil
	}
	return strings.Split(joined, "\x1f")
}

// addLanded measures the rows that are current: how full columns are, what breaks a pattern or contradicts itself.
func (q *CatalogueQuality) addLanded(ctx context.Context, db *sql.DB, c *catalog.Contract) error {
	parts := []string{"count(*)", "count(*) FILTER (_superseded_on IS NOT NULL)", "count(*) FILTER (_superseded_on = _known_on)"}
	for _, f := range c.Fields {
		parts = append(parts, "count("+f.Name+")", "count(*) FILTER ("+oddSQL(f)+")")
	}
	for _, check := range c.Checks {
		parts = append(parts, "count(*) FILTER ("+check.Never+")")
	}
	numbers := make([]int64, len(parts))
	into := make([]any, len(parts))
	for i := range numbers {
		into[i] = &numbers[i]
	}
	if err := db.QueryRowContext(ctx, "SELECT "+strings.Join(parts, ", ")+" FROM "+c.View()).Scan(into...); err != nil {
		return err
	}
	q.Corrected, q.Conflicts = numbers[1], numbers[2]
	for i, f := range c.Fields {
		q.Fields = append(q.Fields, FieldQuality{Field: f.Name, TitleZH: f.TitleZH, Of: numbers[0], Filled: numbers[3+2*i], Odd: numbers[4+2*i]})
	}
	for i, check := range c.Checks {
		q.Checks = append(q.Checks, CheckQuality{Check: check.Name, TitleZH: check.TitleZH, Broken: numbers[3+2*len(c.Fields)+i]})
	}
	return nil
}

// oddSQL is the rule of a field that only warns.
func oddSQL(f catalog.Field) string {
	switch {
	case f.Pattern != "":
		return "NOT regexp_full_match(upper(" + f.Name + "), " + lake.Quote(strings.TrimSuffix(strings.TrimPrefix(f.Pattern, "^"), "$")) + ")"
	case f.ValuesWarn:
		return "NOT list_contains([" + quotedList(f.Values) + "], " + f.Name + ")"
	default:
		return "false"
	}
}

func (q *CatalogueQuality) addFaults(ctx context.Context, db *sql.DB, c *catalog.Contract) error {
	rows, err := db.QueryContext(ctx, `SELECT f.field, f.rule, count(*) FROM ledger.fault AS f JOIN ledger.delivery AS d USING (delivery_no)
		WHERE d.department = ? AND d.catalogue = ? GROUP BY f.field, f.rule ORDER BY count(*) DESC, f.field, f.rule`, c.Department, c.Name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var f FaultCount
		if err := rows.Scan(&f.Field, &f.Rule, &f.Rows); err != nil {
			return err
		}
		field, _ := c.Field(f.Field)
		f.TitleZH, f.RuleZH = field.TitleZH, ruleZH[f.Rule]
		q.Faults = append(q.Faults, f)
	}
	return rows.Err()
}

func (q *QualityReport) addRefused(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT file, max(refused_at), arg_max(reason_zh, refused_at) FROM ledger.refusal WHERE department = ? GROUP BY file, sha256 ORDER BY 2 DESC, 1`, q.Department)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r RefusedFile
		var on time.Time
		if err := rows.Scan(&r.File, &on, &r.Reason); err != nil {
			return fmt.Errorf("read the ledger: %w", err)
		}
		r.On = on.Format(time.DateOnly)
		q.Refused = append(q.Refused, r)
	}
	return rows.Err()
}

// addMends lists what to put right, newest file first.
func (q *QualityReport) addMends(ctx context.Context, db *sql.DB, its []*catalog.Contract) error {
	contracts := map[string]*catalog.Contract{}
	for _, c := range its {
		contracts[c.Name] = c
	}
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM ledger.fault JOIN ledger.delivery USING (delivery_no) WHERE department = ?`, q.Department).Scan(&q.ToMendTotal)
	if err != nil {
		return fmt.Errorf("read the quarantine: %w", err)
	}
	rows, err := db.QueryContext(ctx, fmt.Sprintf(`SELECT d.catalogue, d.file, f.row, f.row + d.header_row, f.field, coalesce(d.headers[nullif(list_position(d.fields, f.field), 0)], ''), f.rule, f.shape
		FROM ledger.fault AS f JOIN ledger.delivery AS d USING (delivery_no) WHERE d.department = ?
		ORDER BY d.known_on DESC, d.delivery_no DESC, f.row, f.field LIMIT %d`, maxMend), q.Department)
	if err != nil {
		return fmt.Errorf("read the quarantine: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var m Mend
		var field string
		if err := rows.Scan(&m.Catalogue, &m.File, &m.Row, &m.Line, &field, &m.Column, &m.Rule, &m.Shape); err != nil {
			return fmt.Errorf("read the quarantine: %w", err)
		}
		c := contracts[m.Catalogue]
		if c == nil {
			continue
		}
		f, _ := c.Field(field)
		if m.Column == "" {
			m.Column = f.TitleZH
		}
		m.TitleZH, m.RuleZH, m.Advice = c.TitleZH, ruleZH[m.Rule], advice(c, f, m.Rule)
		q.ToMend = append(q.ToMend, m)
	}
	return rows.Err()
}

var ruleZH = map[string]string{
	ruleRequired: "必填项为空", ruleType: "格式无法识别", ruleRange: "超出允许范围", ruleValues: "不在允许取值内", ruleIdentifier: "没有任何企业标识",
	ruleTooFew: "单元格少于表头", ruleTooMany: "单元格多于表头", ruleQuoting: "引号不成对", ruleEncoding: "含无法识别的字符", ruleTooLong: "一行过长", ruleJSON: "不是 JSON 对象",
}

// advice says what to do about a row, to the person who keeps the file.
func advice(c *catalog.Contract, f catalog.Field, rule string) string {
	switch rule {
	case ruleRequired:
		return "补填后重新报送该行"
	case ruleType:
		return "应填" + formatZH(f) + "，改正后重新报送该行"
	case ruleRange:
		return "核对后重新报送该行；允许" + boundsZH(f)
	case ruleValues:
		return "改为以下之一：" + strings.Join(f.Values, "、")
	case ruleIdentifier:
		var names []string
		for _, id := range c.FirmIdentifiers() {
			names = append(names, id.TitleZH)
		}
		return "至少填写一项：" + strings.Join(names, "、")
	case ruleTooFew, ruleTooMany:
		return "检查该行的分隔符：单元格内的逗号须用英文双引号括起"
	case ruleQuoting:
		return "检查该行的英文双引号是否成对，单元格内的引号须写两次"
	case ruleEncoding:
		return "检查该行的乱码字符，另存为 UTF-8 后重新报送"
	case ruleTooLong:
		return "一行超过 1 MB，检查是否缺少换行"
	case ruleJSON:
		return "每行须为一个完整的 JSON 对象"
	default:
		return "核对后重新报送该行"
	}
}

func formatZH(f catalog.Field) string {
	switch f.Type {
	case catalog.Date:
		return "真实存在的日期（如 2024-03-05）"
	case catalog.Period:
		return "年月（如 2024-03）"
	case catalog.Count:
		return "整数（如 " + f.Example + "）"
	case catalog.Yuan, catalog.Wan:
		return "以" + f.Unit + "为单位的数字（如 " + f.Example + "）"
	default:
		return "数字（如 " + f.Example + "）"
	}
}

func boundsZH(f catalog.Field) string {
	switch {
	case f.Minimum != "" && f.Maximum != "":
		return f.Minimum + " 至 " + f.Maximum
	case f.Minimum != "":
		return "不小于 " + f.Minimum
	default:
		return "不大于 " + f.Maximum
	}
}
