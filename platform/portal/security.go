package portal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

const (
	sessionCookie = "ydt_session"
	formCookie    = "ydt_form" // secret of a visitor's forms, before there is a session
	langCookie    = "ydt_lang"
	maxForm       = 64 << 10
	// The browser keeps the cookie a little longer than the session, so that a person whose session ended is told so.
	sessionSlack = 12 * time.Hour
)

// protect wraps all pages: security headers, no foreign origin, size and time limits, and a page instead of a stack trace.
func (p *Portal) protect(next http.Handler) http.Handler {
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(p.handle(route{action: "home", do: func(*call) error { return errForm }}))
	next = foreign.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.secure(w.Header())
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		defer func() {
			failure := recover()
			if failure == nil {
				return
			}
			if failure == http.ErrAbortHandler { //nolint:errorlint // the value itself is the signal
				panic(failure)
			}
			p.o.Logger.ErrorContext(r.Context(), "a page panicked", "method", r.Method, "pattern", r.Pattern, "stack", string(debug.Stack()))
			c := &call{p: p, w: w, r: r}
			c.v = c.newView()
			c.show(http.StatusInternalServerError, errorPage(c.v, http.StatusInternalServerError, errBroken))
		}()
		ctx, cancel := context.WithTimeout(r.Context(), p.o.Timeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// secure sets the headers that every answer carries. Scripts and styles come from this origin's files only; none is inline.
func (p *Portal) secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "+
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
	if p.o.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// setCookie sends a cookie that scripts cannot read and that other sites' forms do not carry.
func (c *call) setCookie(name, value string, age time.Duration) {
	http.SetCookie(c.w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(age / time.Second),
		HttpOnly: true, Secure: c.p.o.Secure || c.r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
}

func (c *call) dropCookie(name string) { c.setCookie(name, "", -time.Second) }

// csrf is the token that this caller's forms must carry: the session's, or for a visitor one that a cookie of the browser proves.
func (c *call) csrf() string {
	if c.session != nil {
		return c.session.CSRF
	}
	secret := ""
	if cookie, err := c.r.Cookie(formCookie); err == nil {
		secret = cookie.Value
	}
	if len(secret) < 32 {
		raw := make([]byte, 32)
		_, _ = rand.Read(raw) // never fails
		secret = base64.RawURLEncoding.EncodeToString(raw)
		c.setCookie(formCookie, secret, 12*time.Hour)
	}
	sum := sha256.Sum256([]byte("form:" + secret))
	return hex.EncodeToString(sum[:])
}

// readForm parses the posted form and checks its token.
func (c *call) readForm() error {
	if err := c.r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return errTooLarge
		}
		return errForm
	}
	if subtle.ConstantTimeCompare([]byte(c.r.PostForm.Get("csrf")), []byte(c.v.CSRF)) != 1 {
		return errForm
	}
	return nil
}

// localPath returns the path to go to after signing in, if it is one of ours; else the fallback.
func localPath(path, fallback string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") ||
		strings.HasPrefix(path, "/signin") || strings.HasPrefix(path, "/register") {
		return fallback
	}
	return path
}
