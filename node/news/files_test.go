package news

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMatchFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	f := Files{
		Reference: write("firms.csv", "\ufefffirm_id,name,legal_person,address\nF1,六安市皋城农业科技有限公司,王示例,六安市金安区皖西大道1号\nF1,六安市禾源农业科技有限公司,王示例,\nF2,霍邱县华源商贸有限公司,,\n"),
		Texts: write("texts.jsonl", `{"text_id":"a","title":"","body":"六安市禾源农业科技有限公司被霍邱县华源商贸有限公司起诉。"}`+"\n\n"+
			`{"text_id":"b","title":"天气","body":"明天多云。"}`+"\n"),
		Labelled: write("labelled.jsonl", `{"text_id":"x","title":"","body":"霍邱县华源商贸有限公司被罚款。","firm_id":"F2","kind":"penalty"}`+"\n"+`{"text_id":"y","title":"","body":"明天有雨。","firm_id":"","kind":"none"}`+"\n"),
		Out:      filepath.Join(dir, "out.jsonl"),
	}
	report, err := MatchFiles(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	if report.Texts != 2 || report.Events != 2 || report.Firms != 2 || report.Labelled != 2 {
		t.Errorf("%+v", report)
	}
	out, err := os.ReadFile(f.Out)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(string(out)), "\n"); len(lines) != 2 || !strings.Contains(lines[0], `"firm_id":"F1"`) || !strings.Contains(lines[1], `"firm_id":"F2"`) {
		t.Errorf("written: %s", out)
	}

	for _, c := range []struct {
		about string
		spoil func(*Files)
		want  string
	}{
		{"no file", func(f *Files) { f.Texts = filepath.Join(dir, "none") }, "no such file"},
		{"no names", func(f *Files) { f.Reference = write("bad.csv", "a,b\n1,2\n") }, "needs the columns firm_id and name"},
		{"no text", func(f *Files) { f.Texts = write("bad.jsonl", `{"text_id":"a","body":"x"}`+"\nnonsense\n") }, "line 2 is no text"},
		{"an unknown firm", func(f *Files) {
			f.Labelled = write("bad2.jsonl", `{"text_id":"a","body":"x","firm_id":"F9","kind":"none"}`)
		}, "does not hold"},
		{"an unknown kind", func(f *Files) {
			f.Labelled = write("bad3.jsonl", `{"text_id":"a","body":"x","firm_id":"F1","kind":"scandal"}`)
		}, "scandal"},
		{"a line without end", func(f *Files) { f.Texts = write("long.jsonl", strings.Repeat("x", maxLine+1)) }, "too long"},
	} {
		spoilt := f
		spoilt.Out = filepath.Join(dir, "never.jsonl")
		c.spoil(&spoilt)
		if _, err := MatchFiles(t.Context(), spoilt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", c.about, err, c.want)
		}
		if _, err := os.Stat(spoilt.Out); !os.IsNotExist(err) {
			t.Errorf("%s: something was written", c.about)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, ".news-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files stay: %v %v", left, err)
	}
}
