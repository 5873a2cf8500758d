package party

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yidaitong/yidaitong/border"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
)

// Options of a service; zero values take the usual ones.
type Options struct {
	City     string        // of those who register
	Idle     time.Duration // a session ends when unused for so long: 30 minutes
	Absolute time.Duration // and at the latest after: 12 hours
	Rand     io.Reader
}

// A login that failed five times in a row is locked for a quarter of an hour.
const (
	failuresUntilLock = 5
	lockFor           = 15 * time.Minute
)

// Service registers, signs in and knows people and organisations.
type Service struct {
	store *store.Store
	o     Options
	decoy string // a hash that an unknown login is checked against, so that it takes as long as a known one
}

// New returns the service.
func New(s *store.Store, o Options) (*Service, error) {
	if o.Idle == 0 {
		o.Idle = 30 * time.Minute
	}
	if o.Absolute == 0 {
		o.Absolute = 12 * time.Hour
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	decoy, err := HashSecret(o.Rand, "nobody's password")
	if err != nil {
		return nil, err
	}
	return &Service{store: s, o: o, decoy: decoy}, nil
}

var (
	mobilePattern = regexp.MustCompile(`^1[3-9]\d{9}$`)
	loginPattern  = regexp.MustCompile(`^[a-z][a-z0-9.\-_]{3,31}$`)
)

// Register creates a borrower's organisation and its first account. Wrong fields are all named at once.
func (s *Service) Register(ctx context.Context, r Registration) (Account, error) {
	r.Login = strings.ToLower(strings.TrimSpace(r.Login))
	r.PersonName, r.FirmName = strings.TrimSpace(r.PersonName), strings.TrimSpace(r.FirmName)
	if err := r.check(); err != nil {
		return Account{}, err
	}
	role := RoleEnterprise
	if r.Kind == KindIndividual {
		role = RoleIndividual
	}
	hash, err := HashSecret(s.o.Rand, r.Password)
	if err != nil {
		return Account{}, err
	}
	now := s.store.Now()
	org := Organisation{ID: s.store.NewID(), Kind: r.Kind, Name: r.FirmName, City: s.o.City, CreatedAt: now}
	account := Account{ID: s.store.NewID(), OrgID: org.ID, Login: r.Login, Name: r.PersonName, Role: role, CreatedAt: now}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if err := insertOrganisation(ctx, tx, org); err != nil {
			return err
		}
		added, err := insertAccount(ctx, tx, account, hash)
		if err != nil {
			return err
		}
		if !added {
			var taken problem.Fields
			taken.Add("login", "taken", "这个登录名已被注册，请直接登录或换一个。", "This login is already registered; sign in, or choose another.")
			return taken.Err()
		}
		return nil
	})
	if err != nil {
		return Account{}, problem.Wrap("register", err)
	}
	return account, nil
}

func (r Registration) check() error {
	var wrong problem.Fields
	if r.Kind != KindEnterprise && r.Kind != KindIndividual {
		wrong.Add("kind", "unknown", "请选择企业或个体工商户。", "Choose enterprise or individual business.")
	}
	if !mobilePattern.MatchString(r.Login) && !loginPattern.MatchString(r.Login) {
		wrong.Add("login", "malformed", "请填写 11 位手机号，或以字母开头的 4–32 位登录名。",
			"Give a mobile number of 11 digits, or a login of 4 to 32 letters, digits, dots and dashes that starts with a letter.")
	}
	checkPassword(&wrong, "password", r.Login, r.Password)
	checkName(&wrong, "person_name", r.PersonName, 40)
	checkName(&wrong, "firm_name", r.FirmName, 100)
	return wrong.Err()
}

func checkName(wrong *problem.Fields, field, name string, high int) {
	const low = 2
	n := utf8.RuneCountInString(name)
	if n < low || n > high || !utf8.ValidString(name) || strings.ContainsAny(name, "\x00\r\n\t<>") {
		wrong.Add(field, "length", fmt.Sprintf("请填写 %d–%d 个字。", low, high), fmt.Sprintf("Give %d to %d characters.", low, high))
	}
}

// SignIn checks the password and opens a session; the token belongs in an HttpOnly cookie. Five failures in a row lock the
// login for 15 minutes; an unknown login takes the same time and gives the same answer as a wrong password.
func (s *Service) SignIn(ctx context.Context, login, password string) (token string, session Session, err error) {
	login = strings.ToLower(strings.TrimSpace(login))
	account, hash, err := s.signInData(ctx, login)
	if err != nil {
		return "", Session{}, problem.Wrap("sign in", err)
	}
	if hash == "" {
		hash = s.decoy
	}
	if !MatchesSecret(hash, password) || account.ID == "" {
		return "", Session{}, s.signInFailed(ctx, login)
	}
	raw := make([]byte, 32)
	if _, err := io.ReadFull(s.o.Rand, raw); err != nil {
		return "", Session{}, fmt.Errorf("make a token: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(raw)
	now := store.Micros(s.store.Now())
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		// Somebody else may have locked it while the password was checked.
		if err := s.refuseLocked(ctx, tx, login); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from sign_in_failure where login_hash = $1`, digest(login)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into session (token_hash, account_id, started_at, seen_at) values ($1, $2, $3, $4)`,
			digest(token), account.ID, now, now)
		return err
	})
	if err != nil {
		return "", Session{}, problem.Wrap("sign in", err)
	}
	session, err = s.Session(ctx, token)
	return token, session, err
}

// signInData returns the account of a login, zero when there is none; a problem when the login is locked.
func (s *Service) signInData(ctx context.Context, login string) (account Account, hash string, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if err := s.refuseLocked(ctx, tx, login); err != nil {
			return err
		}
		row := tx.Row(ctx, `select id, password_hash from account where login = $1`, login)
		if err := row.Scan(&account.ID, &hash); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		return nil
	})
	return account, hash, err
}

func (s *Service) refuseLocked(ctx context.Context, tx *store.Tx, login string) error {
	var until int64
	err := tx.Row(ctx, `select locked_until from sign_in_failure where login_hash = $1`, digest(login)).Scan(&until)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if left := store.Time(until).Sub(s.store.Now()); until != 0 && left > 0 {
		minutes := int(left.Minutes()) + 1
		return problem.New(problem.Locked, "locked",
			fmt.Sprintf("连续输错次数过多，请 %d 分钟后再试。", minutes),
			fmt.Sprintf("Too many failures in a row; try again in %d minutes.", minutes))
	}
	return nil
}

// signInFailed counts the failure and says so.
func (s *Service) signInFailed(ctx context.Context, login string) error {
	now := s.store.Now()
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		var failures, until int64
		err := tx.Row(ctx, `select failures from sign_in_failure where login_hash = $1`, digest(login)).Scan(&failures)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if failures++; failures >= failuresUntilLock {
			failures, until = 0, store.Micros(now.Add(lockFor))
		}
		_, err = tx.Exec(ctx, `insert into sign_in_failure (login_hash, failures, locked_until, last_at) values ($1, $2, $3, $4)
			on conflict (login_hash) do update set failures = excluded.failures, locked_until = excluded.locked_until, last_at = excluded.last_at`,
			digest(login), failures, until, store.Micros(now))
		return err
	})
	if err != nil {
		return problem.Wrap("count a failure", err)
	}
	return problem.New(problem.Forbidden, "wrong_login", "登录名或密码不正确。", "The login or the password is wrong.")
}

// Session returns the session of a token and pushes its idle limit out; problem kind Forbidden when it is over.
func (s *Service) Session(ctx context.Context, token string) (Session, error) {
	var session Session
	var started, seen int64
	err := s.store.View(ctx, func(tx *store.Tx) error {
		var accountID string
		err := tx.Row(ctx, `select account_id, started_at, seen_at from session where token_hash = $1`, digest(token)).
			Scan(&accountID, &started, &seen)
		if err != nil {
			return err
		}
		if session.Account, err = accountByID(ctx, tx, accountID); err != nil {
			return err
		}
		session.Organisation, err = OrganisationByID(ctx, tx, session.Account.OrgID)
		return err
	})
	over := problem.New(problem.Forbidden, "signed_out", "登录已过期，请重新登录。", "Your session is over; please sign in again.")
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, over
	}
	if err != nil {
		return Session{}, problem.Wrap("read the session", err)
	}
	now := s.store.Now()
	session.StartedAt = store.Time(started)
	absolute, idle := session.StartedAt.Add(s.o.Absolute), store.Time(seen).Add(s.o.Idle)
	if !now.Before(absolute) || !now.Before(idle) {
		return Session{}, errors.Join(over, s.SignOut(ctx, token))
	}
	// A write for every page would be one too many: the limit moves once a minute.
	if now.Sub(store.Time(seen)) > time.Minute {
		if err := s.touch(ctx, token, now); err != nil {
			return Session{}, err
		}
	}
	session.ExpiresAt = now.Add(s.o.Idle)
	if session.ExpiresAt.After(absolute) {
		session.ExpiresAt = absolute
	}
	session.CSRF = digest("csrf:" + token)
	return session, nil
}

func (s *Service) touch(ctx context.Context, token string, now time.Time) error {
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update session set seen_at = $1 where token_hash = $2`, store.Micros(now), digest(token))
		return err
	})
	return problem.Wrap("keep the session", err)
}

// SignOut ends the session of a token. Ending it twice is fine.
func (s *Service) SignOut(ctx context.Context, token string) error {
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `delete from session where token_hash = $1`, digest(token))
		return err
	})
	return problem.Wrap("sign out", err)
}

// ChangePassword replaces the actor's password and ends all its sessions; the person signs in again.
func (s *Service) ChangePassword(ctx context.Context, by Actor, old, replacement string) error {
	var login, hash string
	err := s.store.View(ctx, func(tx *store.Tx) error {
		return tx.Row(ctx, `select login, password_hash from account where id = $1 and org_id = $2`, by.AccountID, by.OrgID).Scan(&login, &hash)
	})
	if err != nil {
		return problem.Wrap("change the password", err)
	}
	var wrong problem.Fields
	if !MatchesSecret(hash, old) {
		wrong.Add("old", "wrong", "原密码不正确。", "The present password is wrong.")
	}
	checkPassword(&wrong, "password", login, replacement)
	if err := wrong.Err(); err != nil {
		return err
	}
	if hash, err = HashSecret(s.o.Rand, replacement); err != nil {
		return err
	}
	return problem.Wrap("change the password", s.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `update account set password_hash = $1 where id = $2`, hash, by.AccountID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from session where account_id = $1`, by.AccountID)
		return err
	}))
}

// Own returns the actor's own organisation.
func (s *Service) Own(ctx context.Context, by Actor) (Organisation, error) {
	var org Organisation
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		org, err = OrganisationByID(ctx, tx, by.OrgID)
		return err
	})
	return org, problem.Wrap("read the organisation", err)
}

var sections = regexp.MustCompile(`^[A-T]$`)

// Describe stores what the actor's firm says about itself. Once verified, the USCI no longer changes.
func (s *Service) Describe(ctx context.Context, by Actor, p Profile) (Organisation, error) {
	if !by.Role.Borrower() {
		return Organisation{}, problem.New(problem.Forbidden, "not_a_borrower", "只有借款企业可以填写。", "Only a borrowing firm describes itself.")
	}
	p.USCI = Tidy(p.USCI)
	var org Organisation
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if org, err = OrganisationByID(ctx, tx, by.OrgID); err != nil {
			return err
		}
		if p.USCI == "" {
			p.USCI = org.Profile.USCI
		}
		if err := p.check(org, s.store.Now()); err != nil {
			return err
		}
		if p.Division == "" && p.USCI != "" {
			p.Division = p.USCI[2:8]
		}
		org.Profile = p
		_, err = tx.Exec(ctx, `update organisation set usci = $1, division = $2, industry_section = $3, established_on = $4,
			size_declared = $5, employees = $6 where id = $7`,
			p.USCI, p.Division, p.IndustrySection, store.Micros(p.EstablishedOn), p.SizeDeclared, p.Employees, org.ID)
		return err
	})
	return org, problem.Wrap("store the profile", err)
}

func (p Profile) check(org Organisation, now time.Time) error {
	var wrong problem.Fields
	switch {
	case org.Verified() && p.USCI != org.Profile.USCI:
		wrong.Add("usci", "verified", "统一社会信用代码已核验，不能修改。", "The code was verified and no longer changes.")
	case p.USCI != "" && !border.ValidUSCI(p.USCI):
		wrong.Add("usci", "malformed", "统一社会信用代码应为 18 位且校验码正确，请核对营业执照。", "The unified social credit code has 18 characters and a check character; compare it with the licence.")
	}
	if p.Division != "" && (len(p.Division) != 6 || !digits(p.Division)) {
		wrong.Add("division", "malformed", "请选择所在县区。", "Choose the county.")
	}
	if p.IndustrySection != "" && !sections.MatchString(p.IndustrySection) {
		wrong.Add("industry_section", "unknown", "请选择行业。", "Choose the industry.")
	}
	if p.EstablishedOn.After(now) || !p.EstablishedOn.IsZero() && p.EstablishedOn.Year() < 1900 {
		wrong.Add("established_on", "out_of_range", "成立日期不能晚于今天。", "The date of establishment cannot be later than today.")
	}
	switch p.SizeDeclared {
	case "", "micro", "small", "medium":
	default:
		wrong.Add("size_declared", "unknown", "请选择微型、小型或中型。", "Choose micro, small or medium.")
	}
	if p.Employees < 0 || p.Employees > 1_000_000 {
		wrong.Add("employees", "out_of_range", "请填写 0–1000000 的整数。", "Give a whole number from 0 to 1000000.")
	}
	return wrong.Err()
}

// Banks lists the admitted banks by name; their names are public.
func (s *Service) Banks(ctx context.Context) ([]Organisation, error) {
	var all []Organisation
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		all, err = store.Collect(ctx, tx, scanOrganisation, selectOrganisation+` where kind = 'bank' order by name, id`)
		return err
	})
	return all, problem.Wrap("list the banks", err)
}

// SeedStaff makes sure that the staff accounts exist, and changes nothing about those that do.
func (s *Service) SeedStaff(ctx context.Context, staff []Staff) ([]Account, error) {
	var accounts []Account
	for _, one := range staff {
		account, err := s.seed(ctx, one)
		if err != nil {
			return nil, problem.Wrap("seed account "+one.Login, err)
		}
		accounts = append(accounts, account)
	}
	return accounts, nil
}

func (s *Service) seed(ctx context.Context, one Staff) (Account, error) {
	var wrong problem.Fields
	if !loginPattern.MatchString(one.Login) {
		wrong.Add("login", "malformed", "登录名不合规。", "A login has 4 to 32 letters, digits, dots and dashes and starts with a letter.")
	}
	checkPassword(&wrong, "password", one.Login, one.Password)
	checkName(&wrong, "name", one.Name, 40)
	checkName(&wrong, "organisation", one.OrgName, 100)
	if one.OrgKind != staffOf(one.Role) {
		wrong.Add("role", "wrong_kind", "角色与机构类型不符。", "The role does not belong to this kind of organisation.")
	}
	if err := wrong.Err(); err != nil {
		return Account{}, err
	}
	hash, err := HashSecret(s.o.Rand, one.Password)
	if err != nil {
		return Account{}, err
	}
	var account Account
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		var id string
		err := tx.Row(ctx, `select id from account where login = $1`, one.Login).Scan(&id)
		if err == nil {
			account, err = accountByID(ctx, tx, id)
			return err
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		orgID, err := s.seedOrganisation(ctx, tx, one)
		if err != nil {
			return err
		}
		account = Account{ID: s.store.NewID(), OrgID: orgID, Login: one.Login, Name: one.Name, Role: one.Role, CreatedAt: s.store.Now()}
		_, err = insertAccount(ctx, tx, account, hash)
		return err
	})
	return account, err
}

// staffOf is the kind of organisation that a staff role works in; empty for a borrower's.
func staffOf(r Role) OrgKind {
	switch r {
	case RoleBankOfficer, RoleBankRisk:
		return KindBank
	case RoleOperator:
		return KindOperator
	case RoleDepartmentClerk, RoleDataBureau, RoleFinanceOffice, RoleTreasury, RoleAuditor:
		return KindGovernment
	}
	return ""
}

func (s *Service) seedOrganisation(ctx context.Context, tx *store.Tx, one Staff) (string, error) {
	var id string
	err := tx.Row(ctx, `select id from organisation where kind = $1 and name = $2 and city = $3 order by id limit 1`,
		one.OrgKind, one.OrgName, one.City).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	org := Organisation{ID: s.store.NewID(), Kind: one.OrgKind, Name: one.OrgName, NameEN: one.OrgNameEN,
		Department: one.Department, City: one.City, CreatedAt: s.store.Now()}
	return org.ID, insertOrganisation(ctx, tx, org)
}

// Accounts lists the accounts of the actor's own organisation; an operator sees the staff of every organisation.
func (s *Service) Accounts(ctx context.Context, by Actor) ([]Account, error) {
	var all []Account
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		if by.Role == RoleOperator {
			all, err = store.Collect(ctx, tx, scanAccount, selectAccount+` where role not in ('enterprise', 'individual') order by login`)
			return err
		}
		all, err = store.Collect(ctx, tx, scanAccount, selectAccount+` where org_id = $1 order by login`, by.OrgID)
		return err
	})
	return all, problem.Wrap("list the accounts", err)
}

// MarkVerified records inside tx that a person and a firm belong together. residentHash comes from HashSecret. It is a problem
// when another account proved the same code before.
func MarkVerified(ctx context.Context, tx *store.Tx, v Verified) error {
	var taken int
	err := tx.Row(ctx, `select count(*) from organisation where usci = $1 and verified_at > 0 and id <> $2`, v.USCI, v.OrgID).Scan(&taken)
	if err != nil {
		return err
	}
	if taken > 0 {
		return problem.New(problem.Conflict, "usci_taken", "该统一社会信用代码已由其他账户完成认证，请联系该账户或平台客服。",
			"Another account already proved this code; contact its holder or the platform.")
	}
	_, err = tx.Exec(ctx, `update organisation set usci = $1, name = $2, division = case when division = '' then $3 else division end,
		verified_at = $4 where id = $5`, v.USCI, v.FirmName, v.USCI[2:8], store.Micros(v.At), v.OrgID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update account set name = $1, resident_hash = $2, resident_masked = $3, verified_at = $4 where id = $5 and org_id = $6`,
		v.PersonName, v.ResidentHash, v.ResidentMasked, store.Micros(v.At), v.AccountID, v.OrgID)
	return err
}

// Verified is a proven identity.
type Verified struct {
	OrgID, AccountID             string
	USCI, FirmName, PersonName   string
	ResidentHash, ResidentMasked string
	At                           time.Time
}

// Purge drops what is over: sessions past their limits and old failures. The nightly job calls it.
func (s *Service) Purge(ctx context.Context) error {
	now := s.store.Now()
	return problem.Wrap("purge sessions", s.store.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `delete from session where started_at < $1 or seen_at < $2`,
			store.Micros(now.Add(-s.o.Absolute)), store.Micros(now.Add(-s.o.Idle)))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `delete from sign_in_failure where last_at < $1`, store.Micros(now.Add(-24*time.Hour)))
		return err
	}))
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
