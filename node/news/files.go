package news

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Files names the files of a run without a node.
type Files struct {
	Reference string // CSV: firm_id, name, address, legal_person
	Texts     string // JSON lines: text_id, title, body
	Labelled  string // JSON lines: text_id, title, body, firm_id, kind; may be empty
	Out       string // JSON lines: text_id, firm_id, form, confidence, kind, tone, sure
}

// maxLine bounds one line of a file of texts, in bytes.
const maxLine = 16 << 20

// MatchFiles reads texts from a file against firms from another. The output is whole or not there.
func MatchFiles(ctx context.Context, f Files) (Report, error) {
	started := time.Now()
	firms, ids, err := readReference(f.Reference)
	if err != nil {
		return Report{}, err
	}
	m, err := NewModel(firms)
	if err != nil {
		return Report{}, err
	}
	if f.Labelled != "" {
		texts, err := readLabelledFile(f.Labelled, ids)
		if err != nil {
			return Report{}, err
		}
		if err := m.Teach(texts); err != nil {
			return Report{}, err
		}
	}
	report := Report{Labelled: m.Taught()}
	if err := matchTexts(ctx, m, f, firmNames(ids), &report); err != nil {
		return Report{}, err
	}
	report.Seconds = time.Since(started).Seconds()
	return report, nil
}

func firmNames(ids map[string]int64) []string {
	names := make([]string, len(ids))
	for name, i := range ids {
		names[i] = name
	}
	return names
}

// readReference reads the firms; ids tells each one's number, from 0.
func readReference(path string) ([]Firm, map[string]int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the firms: %w", err)
	}
	defer file.Close()
	reader := csv.NewReader(bufio.NewReader(file))
	header, err := reader.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("read the header of %s: %w", path, err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	at := func(row []string, column string) string {
		if i := slices.Index(header, column); i >= 0 && i < len(row) {
			return row[i]
		}
		return ""
	}
	if !slices.Contains(header, "firm_id") || !slices.Contains(header, "name") {
		return nil, nil, fmt.Errorf("%s needs the columns firm_id and name; it has %s", path, strings.Join(header, ", "))
	}
	var firms []Firm
	ids := map[string]int64{}
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return firms, ids, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", path, err)
		}
		id := at(row, "firm_id")
		if known, ok := ids[id]; ok {
			firms[known].Names = append(firms[known].Names, at(row, "name"))
			continue
		}
		ids[id] = int64(len(firms))
		firms = append(firms, Firm{
			ID: int64(len(firms)), Names: []string{at(row, "name")}, LegalPerson: at(row, "legal_person"), Address: at(row, "address"),
			Individual: !namesOrganisation(at(row, "name")),
		})
	}
}

// namesOrganisation reports whether a name says that an enterprise bears it.
func namesOrganisation(name string) bool {
	return slices.ContainsFunc(organisations, func(ending string) bool { return strings.HasSuffix(name, ending) })
}

type textLine struct {
	TextID string `json:"text_id"`
	Title  string `json:"title"`
	Body   string `json:"body"`
	FirmID string `json:"firm_id"`
	Kind   Kind   `json:"kind"`
}

// eachLine calls each for every line of a file of texts.
func eachLine(path string, each func(textLine) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read the texts: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	number := 0
	for lines.Scan() {
		number++
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var line textLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil || line.TextID == "" {
			return fmt.Errorf("%s line %d is no text: write a JSON object with text_id, title and body", path, number)
		}
		if err := each(line); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read %s after line %d: %w", path, number, err)
	}
	return nil
}

func readLabelledFile(path string, ids map[string]int64) ([]Labelled, error) {
	var texts []Labelled
	at := map[string]int{}
	err := eachLine(path, func(line textLine) error {
		i, seen := at[line.TextID]
		if !seen {
			i = len(texts)
			at[line.TextID] = i
			texts = append(texts, Labelled{Text: Text{line.TextID, line.Title, line.Body}, Firms: map[int64]Kind{}})
		}
		if line.FirmID == "" {
			return nil
		}
		firm, ok := ids[line.FirmID]
		if !ok {
			return fmt.Errorf("%s: the text %s means a firm that the reference does not hold", path, line.TextID)
		}
		texts[i].Firms[firm] = line.Kind
		return nil
	})
	return texts, err
}

// matchTexts reads texts chunk by chunk into a new file that takes its name when all is written.
func matchTexts(ctx context.Context, m *Model, f Files, ids []string, report *Report) (err error) {
	out, err := os.CreateTemp(filepath.Dir(f.Out), ".news-*")
	if err != nil {
		return fmt.Errorf("write what texts say: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.Close(), os.Remove(out.Name()))
		}
	}()
	writer := bufio.NewWriter(out)
	meant := map[int64]bool{}
	var texts []landed
	flush := func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		m.readAll(texts)
		for _, t := range texts {
			for _, s := range t.said {
				meant[s.Firm] = true
				report.Events++
				if err := writeSaid(writer, t.ID, ids[s.Firm], s); err != nil {
					return err
				}
			}
		}
		report.Texts += int64(len(texts))
		texts = texts[:0]
		return nil
	}
	err = eachLine(f.Texts, func(line textLine) error {
		texts = append(texts, landed{Text: Text{line.TextID, line.Title, line.Body}})
		if len(texts) == chunk {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err = flush(); err != nil {
		return err
	}
	report.Firms = int64(len(meant))
	if err = errors.Join(writer.Flush(), out.Sync()); err != nil {
		return fmt.Errorf("write what texts say: %w", err)
	}
	if err = os.Rename(out.Name(), f.Out); err != nil {
		return fmt.Errorf("write what texts say: %w", err)
	}
	return out.Close()
}

func writeSaid(w io.Writer, text, firm string, s Said) error {
	line, err := json.Marshal(struct {
		TextID     string  `json:"text_id"`
		FirmID     string  `json:"firm_id"`
		Form       string  `json:"form"`
		Confidence float64 `json:"confidence"`
		Kind       Kind    `json:"kind"`
		Tone       int     `json:"tone"`
		Sure       float64 `json:"sure"`
	}{text, firm, s.Form, s.Confidence, s.Kind, s.Tone, s.Sure})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", line)
	return err
}
