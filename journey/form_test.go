package journey

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const orderPage = `<!doctype html><html><body>
<form data-form="order" method="post" action="/order" id="order">
<input type="hidden" name="csrf" value="T0K3N">
<input name="who" value="阿明" maxlength="4" required>
<input name="fixed" value="as is" readonly>
<input name="gone" value="x" disabled>
<fieldset disabled><input name="alsogone" value="x"></fieldset>
<textarea name="note">说明</textarea>
<select name="term"><option value="6">6</option><option value="12" selected>12</option><option value="36" disabled>36</option></select>
<input type="hidden" name="agree" value="no"><input type="checkbox" name="agree" value="yes">
<input type="checkbox" name="class" value="tax"><input type="checkbox" name="class" value="court" checked>
<input type="radio" name="pay" value="a"><input type="radio" name="pay" value="b" checked>
<input type="file" name="scan"><button type="button" name="js" value="1">x</button>
<button name="do" value="send">send</button><button name="do" value="cancel">cancel</button>
</form><input name="outside" form="order" value="o"></body></html>`

// shop answers the order page, echoes what was posted, and refuses a post without its cookie or token.
func shop(t *testing.T) (*Browser, *httptest.Server) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "s", Value: "1", Path: "/", HttpOnly: true})
		fmt.Fprint(w, orderPage)
	})
	var last string
	mux.HandleFunc("POST /order", func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("s"); err != nil || r.PostFormValue("csrf") != "T0K3N" {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<p data-error data-code="csrf"> 请
				重新打开页面 </p><p role="alert">请 重新打开页面</p>`)
			return
		}
		last = r.PostForm.Encode()
		http.Redirect(w, r, "/done", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /done", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<p id="sent" data-n="7">%s</p>`, strings.ReplaceAll(last, "&", " "))
	})
	mux.HandleFunc("GET /away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/nowhere", http.StatusSeeOther)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	b, err := NewBrowser(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return b, server
}

func openForm(t *testing.T, b *Browser) *Form {
	t.Helper()
	page, err := b.Open(context.Background(), "/")
	if err != nil {
		t.Fatal(err)
	}
	f, err := page.Form("order")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFormIsSentAsABrowserSendsIt(t *testing.T) {
	b, _ := shop(t)
	f := openForm(t, b)
	for _, err := range []error{f.Fill("who", "李四"), f.Fill("term", "6"), f.Tick("agree"), f.Fill("class", "tax", "court"), f.Fill("pay", "a")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	page, err := b.Submit(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	want := "agree=no agree=yes class=tax class=court csrf=T0K3N do=send fixed=as+is note=%E8%AF%B4%E6%98%8E outside=o pay=a term=6 who=%E6%9D%8E%E5%9B%9B"
	if got := page.Text("#sent"); got != want {
		t.Errorf("sent %s\nwant %s", got, want)
	}
	if page.URL.Path != "/done" || page.Attr("#sent", "data-n") != "7" {
		t.Errorf("ended at %s", page.URL.Path)
	}
}

func TestFormRefusesWhatAPersonCannotDo(t *testing.T) {
	b, _ := shop(t)
	f := openForm(t, b)
	for what, err := range map[string]error{
		"absent field":      f.Fill("nothere", "x"),
		"hidden field":      f.Fill("csrf", "x"),
		"readonly field":    f.Fill("fixed", "x"),
		"disabled field":    f.Fill("gone", "x"),
		"disabled group":    f.Fill("alsogone", "x"),
		"choice not there":  f.Fill("term", "24"),
		"disabled choice":   f.Fill("term", "36"),
		"two radio buttons": f.Fill("pay", "a", "b"),
		"too many letters":  f.Fill("who", "一二三四五"),
		"tick of a text":    f.Tick("note"),
	} {
		if err == nil {
			t.Errorf("%s: was allowed", what)
		}
	}
	if err := f.Fill("who", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Submit(context.Background(), f); err == nil || !strings.Contains(err.Error(), `"who" must be filled`) {
		t.Errorf("an empty required field was sent: %v", err)
	}
}

func TestRefusalCarriesThePagesWords(t *testing.T) {
	b, server := shop(t)
	f := openForm(t, b)
	stranger, err := NewBrowser(server.URL) // without the cookie
	if err != nil {
		t.Fatal(err)
	}
	page, err := stranger.Submit(context.Background(), f)
	refused := asRefused(err)
	if refused == nil || page == nil {
		t.Fatalf("not refused: %v", err)
	}
	if refused.Status != http.StatusForbidden || refused.Text != "请 重新打开页面" || refused.Code != "csrf" {
		t.Errorf("refusal is %+v", refused)
	}
	if _, err := b.Open(context.Background(), "/away"); asRefused(err) == nil || asRefused(err).Status != http.StatusNotFound {
		t.Errorf("a missing page is %v", err)
	}
	if _, err := page.Form("order"); err == nil || !strings.Contains(err.Error(), "请 重新打开页面") {
		t.Errorf("a missing form is %v", err)
	}
}

func TestBrowserStaysOnTheSite(t *testing.T) {
	b, _ := shop(t)
	if _, err := b.Open(context.Background(), "http://127.0.0.2:1/x"); err == nil || !strings.Contains(err.Error(), "leads away") {
		t.Errorf("left the site: %v", err)
	}
}
