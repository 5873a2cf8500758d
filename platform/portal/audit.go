package portal

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/calendar"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/translog"
)

const (
	auditPage = 30     // entries of a page
	auditScan = 20_000 // how far back a filter looks in one request
)

// logOf is the name of the log of that origin, empty when it is not served here.
func (p *Portal) logOf(origin string) string {
	for _, l := range p.o.Logs {
		if l.Verifier != nil && l.Verifier.Name() == origin {
			return l.Name
		}
	}
	return ""
}

func (p *Portal) log(name string) (Log, bool) {
	i := slices.IndexFunc(p.o.Logs, func(l Log) bool { return l.Name == name })
	if i < 0 {
		return Log{}, false
	}
	return p.o.Logs[i], true
}

// logData is one log as the audit page shows it.
type logData struct {
	Name       string
	Checkpoint translog.Checkpoint
	Empty      bool // nothing was published yet
	Broken     bool // the checkpoint cannot be read or verified: never hidden
}

// auditData is the log browser.
type auditData struct {
	Logs    []logData
	Shown   string // name of the log whose entries are listed
	Form    *form
	Lines   []translog.Line // newest first
	Before  uint64          // where the next older page starts; 0 when there is none
	Scanned bool            // the filter stopped before the first entry
}

func (p *Portal) audit(c *call) error {
	d := auditData{Form: &form{values: c.r.URL.Query()}, Shown: c.r.URL.Query().Get("log")}
	for _, l := range p.o.Logs {
		d.Logs = append(d.Logs, p.readLog(c, l))
	}
	if _, ok := p.log(d.Shown); !ok && len(p.o.Logs) > 0 {
		d.Shown = p.o.Logs[0].Name
	}
	for _, l := range d.Logs {
		if l.Name == d.Shown && !l.Empty && !l.Broken {
			if err := p.readLines(c, &d, l.Checkpoint.Size); err != nil {
				return err
			}
		}
	}
	return c.ok(auditPageOf(c.v, d))
}

func (p *Portal) readLog(c *call, l Log) logData {
	d := logData{Name: l.Name}
	reader, err := translog.OpenReader(l.Dir, l.Verifier)
	if err == nil {
		d.Checkpoint, err = reader.Checkpoint(c.ctx())
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.Empty = true
	case err != nil:
		d.Broken = true
		p.o.Logger.ErrorContext(c.ctx(), "a transparency log cannot be read", "log", l.Name, "error", err)
	}
	return d
}

// readLines collects a page of entries that fit the filter, going back from the newest or from the asked place.
func (p *Portal) readLines(c *call, d *auditData, size uint64) error {
	l, _ := p.log(d.Shown)
	reader, err := translog.OpenReader(l.Dir, l.Verifier)
	if err != nil {
		return err
	}
	fits := d.Form.lineFilter()
	end := size
	if before, err := strconv.ParseUint(d.Form.get("before"), 10, 64); err == nil && before > 0 && before < size {
		end = before
	}
	for start := end; len(d.Lines) < auditPage && end > 0; {
		if start-end >= auditScan {
			d.Before, d.Scanned = end, true
			return nil
		}
		from := end - min(end, 256)
		lines, err := reader.Entries(c.ctx(), from, end-from)
		if err != nil {
			return err
		}
		for _, line := range slices.Backward(lines) {
			end = line.Index
			if fits(line.Leaf) {
				d.Lines = append(d.Lines, line)
			}
			if len(d.Lines) == auditPage {
				break
			}
		}
		if len(lines) == 0 {
			break
		}
	}
	d.Before = end
	return nil
}

// lineFilter is the filter of the form: kind, and days in Shanghai.
func (f *form) lineFilter() func(translog.Leaf) bool {
	kind, from, to := translog.Kind(f.get("kind")), f.date("from"), f.date("to")
	return func(l translog.Leaf) bool {
		local := l.Time.In(calendar.Shanghai())
		on := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
		return (kind == "" || l.Kind == kind) && (from.IsZero() || !on.Before(from)) && (to.IsZero() || !on.After(to))
	}
}

func leafKinds() []translog.Kind {
	return []translog.Kind{translog.Grant, translog.Revocation, translog.Request, translog.Answer, translog.Refusal, translog.Alert,
		translog.Digest, translog.Model, translog.Contract, translog.Admin}
}

// entryData is one entry with its proof.
type entryData struct {
	Log      string
	Leaf     translog.Leaf
	Proof    *borderv1.LogProof
	Size     uint64
	Root     []byte
	LeafHash []byte
	Verified bool // by this server, just now
}

func (p *Portal) auditEntry(c *call) error {
	l, ok := p.log(c.r.PathValue("log"))
	index, err := strconv.ParseUint(c.r.PathValue("index"), 10, 64)
	if !ok || err != nil {
		return errNotFound
	}
	d, err := readEntry(c.ctx(), l, index)
	if err != nil {
		return err
	}
	return c.ok(entryPage(c.v, d))
}

func readEntry(ctx context.Context, l Log, index uint64) (entryData, error) {
	reader, err := translog.OpenReader(l.Dir, l.Verifier)
	if errors.Is(err, fs.ErrNotExist) {
		return entryData{}, errNotFound
	}
	if err != nil {
		return entryData{}, err
	}
	at, err := reader.Checkpoint(ctx)
	if err != nil {
		return entryData{}, err
	}
	if index >= at.Size {
		return entryData{}, errUnpublished
	}
	proof, err := reader.Prove(ctx, index)
	if err != nil {
		return entryData{}, err
	}
	d := entryData{Log: l.Name, Proof: proof, LeafHash: rfc6962.DefaultHasher.HashLeaf(proof.GetLeaf())}
	if d.Leaf, err = translog.ParseLeaf(proof.GetLeaf()); err != nil {
		return entryData{}, err
	}
	if d.Size, d.Root, err = treeOf(proof.GetCheckpoint()); err != nil {
		return entryData{}, err
	}
	_, err = translog.VerifyProof(proof, l.Verifier)
	d.Verified = err == nil
	return d, nil
}

var errUnpublished = problem.New(problem.NotFound, "not_published", "日志中还没有这一条，请稍后再看。", "The log has not published this entry yet; look again later.")

// treeOf reads size and root of a checkpoint whose signature is verified elsewhere.
func treeOf(checkpoint []byte) (uint64, []byte, error) {
	lines := strings.SplitN(string(checkpoint), "\n", 4)
	if len(lines) < 3 {
		return 0, nil, errors.New("a checkpoint has three lines")
	}
	size, err1 := strconv.ParseUint(lines[1], 10, 64)
	root, err2 := base64.StdEncoding.DecodeString(lines[2])
	return size, root, errors.Join(err1, err2)
}

// proofJSON is what app.js needs to compute the root again in the browser.
func (d entryData) proofJSON() any {
	path := make([]string, len(d.Proof.GetInclusion()))
	for i, hash := range d.Proof.GetInclusion() {
		path[i] = hex.EncodeToString(hash)
	}
	return struct {
		Leaf  string   `json:"leaf"`
		Index uint64   `json:"index"`
		Size  uint64   `json:"size"`
		Root  string   `json:"root"`
		Path  []string `json:"path"`
	}{base64.StdEncoding.EncodeToString(d.Proof.GetLeaf()), d.Proof.GetLeafIndex(), d.Size, hex.EncodeToString(d.Root), path}
}

// pretty shows a leaf's text on several lines.
func pretty(leaf []byte) string {
	var value any
	if json.Unmarshal(leaf, &value) != nil {
		return string(leaf)
	}
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return string(leaf)
	}
	return string(text)
}

// logFile serves the public files of a log.
func (p *Portal) logFile(c *call) error {
	l, ok := p.log(c.r.PathValue("log"))
	if !ok {
		return errNotFound
	}
	http.StripPrefix("/logs/"+l.Name, translog.Handler(l.Dir)).ServeHTTP(c.w, c.r)
	return nil
}
