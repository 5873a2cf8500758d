// Package identity asks the city's node whether a person is the legal person (or operator) of a firm, and keeps the answer.
//
// It owns the table identity_check. The resident identity number passes through in memory towards the government network;
// only its salted hash and a masked form are kept.
package identity

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/exchange"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
)

// Claim is the form of the identity page: fields firm_name, usci, person_name, resident_id, agree.
type Claim struct {
	FirmName   string
	USCI       string
	PersonName string
	ResidentID string
	Agree      bool   // the person ticked the authorisation of this check
	Text       string // version of the consent text that was shown
	Screen     string // which page it was ticked on, such as /firm/identity
}

// Check is one attempt and its answer.
type Check struct {
	ID         string
	OrgID      string
	RequestID  string
	GrantID    string
	State      State
	Result     *borderv1.IdentityResult // nil until answered
	Refusal    borderv1.RefusalCode     // set when the node refused
	EnvelopeID string                   // of the answer
	AskedAt    time.Time
	AnsweredAt time.Time
}

// State of a check.
type State string

const (
	StateAsked    State = "asked"    // waiting for the node
	StateVerified State = "verified" // four times yes
	StateFailed   State = "failed"   // a no among the answers
	StateRefused  State = "refused"  // the node refused to answer
)

// usualWait is how long a page waits for the node before it says that the answer will come later.
const usualWait = 5 * time.Second

// Service runs identity checks.
type Service struct {
	store    *store.Store
	exchange *exchange.Exchange
	consents *consent.Service
	random   io.Reader
	wait     time.Duration
}

// New returns the service.
func New(s *store.Store, x *exchange.Exchange, c *consent.Service) *Service {
	return &Service{store: s, exchange: x, consents: c, random: rand.Reader, wait: usualWait}
}

// Within returns the service with another time to wait for the node.
func (s *Service) Within(wait time.Duration) *Service {
	other := *s
	other.wait = wait
	return &other
}

// Verify gives the PURPOSE_IDENTITY_CHECK grant in the person's name, asks the node and waits some seconds. A check that is still
// StateAsked is finished when the answer arrives; the page shows Latest.
func (s *Service) Verify(ctx context.Context, by party.Actor, c Claim) (Check, error) {
	c.tidy()
	if err := s.refuse(ctx, by, c); err != nil {
		return Check{}, problem.Wrap("check an identity", err)
	}
	hash, err := party.HashSecret(s.random, c.ResidentID)
	if err != nil {
		return Check{}, err
	}
	grant, err := s.consents.Give(ctx, by, consent.Request{
		Purpose:  borderv1.Purpose_PURPOSE_IDENTITY_CHECK,
		Classes:  []borderv1.DataClass{borderv1.DataClass_DATA_CLASS_REGISTRATION, borderv1.DataClass_DATA_CLASS_PERSON_IDENTITY},
		USCI:     c.USCI,
		Evidence: consent.Evidence{TextVersion: c.Text, Screen: c.Screen, Method: "session"},
	})
	if err != nil {
		return Check{}, err
	}
	check, err := s.ask(ctx, by, c, grant, hash)
	if err != nil {
		return Check{}, problem.Wrap("check an identity", err)
	}
	waiting, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	if _, err := s.exchange.Await(waiting, check.RequestID); err != nil && waiting.Err() == nil {
		return Check{}, problem.Wrap("wait for the identity check", err)
	}
	latest, _, err := s.Latest(ctx, by)
	return latest, err
}

func (c *Claim) tidy() {
	c.USCI, c.ResidentID = party.Tidy(c.USCI), party.Tidy(c.ResidentID)
	c.FirmName, c.PersonName = strings.TrimSpace(c.FirmName), strings.TrimSpace(c.PersonName)
}

// refuse says everything that is wrong with a claim before anything leaves.
func (s *Service) refuse(ctx context.Context, by party.Actor, c Claim) error {
	if !by.Role.Borrower() {
		return problem.New(problem.Forbidden, "not_a_borrower", "只有借款企业需要身份认证。", "Only a borrowing firm is checked.")
	}
	var wrong problem.Fields
	if n := utf8.RuneCountInString(c.FirmName); n < 2 || n > 100 {
		wrong.Add("firm_name", "length", "请按营业执照填写名称。", "Give the name as on the licence.")
	}
	if !border.ValidUSCI(c.USCI) {
		wrong.Add("usci", "malformed", "统一社会信用代码应为 18 位且校验码正确，请核对营业执照。", "The unified social credit code has 18 characters and a check character; compare it with the licence.")
	}
	if n := utf8.RuneCountInString(c.PersonName); n < 2 || n > 50 {
		wrong.Add("person_name", "length", "请填写法定代表人（经营者）姓名。", "Give the legal person's (operator's) name.")
	}
	if !border.ValidResidentID(c.ResidentID) {
		wrong.Add("resident_id", "malformed", "居民身份证号应为 18 位且校验码正确。", "The resident identity number has 18 characters and a check character.")
	}
	if !c.Agree {
		wrong.Add("agree", "missing", "请阅读并同意身份核验授权书。", "Please read and agree to the authorisation.")
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	return s.store.View(ctx, func(tx *store.Tx) error {
		own, err := party.OrganisationByID(ctx, tx, by.OrgID)
		if err != nil {
			return err
		}
		if own.Verified() {
			return problem.New(problem.Conflict, "already_verified", "已完成认证，无需重复。", "You are verified already.")
		}
		var recent int
		since := store.Micros(s.store.Now().Add(-24 * time.Hour))
		if err := tx.Row(ctx, `select count(*) from identity_check where org_id = $1 and asked_at > $2`, by.OrgID, since).Scan(&recent); err != nil {
			return err
		}
		if recent >= attemptsPerDay {
			return problem.New(problem.Locked, "too_many_checks", "24 小时内核验次数已达上限，请稍后再试。", "Too many checks within 24 hours; try again later.")
		}
		return nil
	})
}

// attemptsPerDay keeps people from finding out by trying who represents which firm.
const attemptsPerDay = 5

// ask sends the request; the row and the queued message are one commit.
func (s *Service) ask(ctx context.Context, by party.Actor, c Claim, grant consent.Grant, hash string) (Check, error) {
	envelope, err := s.consents.Envelope(ctx, grant.ID)
	if err != nil {
		return Check{}, err
	}
	check := Check{ID: s.store.NewID(), OrgID: by.OrgID, RequestID: s.store.NewID(), GrantID: grant.ID, State: StateAsked, AskedAt: s.store.Now()}
	sealed, err := s.exchange.Seal(ctx, grant.City, &borderv1.IdentityRequest{Id: check.RequestID, City: grant.City, Grant: envelope, SubjectUsci: c.USCI,
		FirmName: c.FirmName, PersonName: c.PersonName, ResidentId: c.ResidentID, RequestedAt: timestamppb.New(check.AskedAt)})
	if err != nil {
		return Check{}, err
	}
	return check, s.store.Update(ctx, func(tx *store.Tx) error {
		if err := s.consents.Spend(ctx, tx, grant.ID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into identity_check (id, org_id, account_id, request_id, grant_id, state, usci, firm_name, person_name,
			resident_hash, resident_masked, asked_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			check.ID, by.OrgID, by.AccountID, check.RequestID, grant.ID, check.State, c.USCI, c.FirmName, c.PersonName, hash,
			party.MaskResidentID(c.ResidentID), store.Micros(check.AskedAt))
		if err != nil {
			return err
		}
		if err := s.exchange.Queue(ctx, tx, sealed); err != nil {
			return err
		}
		return consent.Record(ctx, tx, by.OrgID, consent.Use{ID: s.store.NewID(), At: check.AskedAt, Kind: consent.UseRequest, GrantID: grant.ID,
			RequestID: check.RequestID, UserOrg: border.Platform, AccountID: by.AccountID, Payload: borderv1.PayloadKind_PAYLOAD_KIND_IDENTITY_REQUEST,
			EnvelopeID: sealed.ID, Origin: sealed.Origin, LeafIndex: sealed.LeafIndex})
	})
}

// TakeAnswer stores the node's answer to a check, in the transaction that keeps the answer; taken is false when the request was
// not one of ours.
func (s *Service) TakeAnswer(ctx context.Context, tx *store.Tx, r exchange.Received) (taken bool, err error) {
	var v party.Verified
	var grantID string
	err = tx.Row(ctx, `select org_id, account_id, usci, firm_name, person_name, resident_hash, resident_masked, grant_id
		from identity_check where request_id = $1`, r.RequestID).
		Scan(&v.OrgID, &v.AccountID, &v.USCI, &v.FirmName, &v.PersonName, &v.ResidentHash, &v.ResidentMasked, &grantID)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	v.At = r.At
	use := consent.Use{ID: s.store.NewID(), At: r.At, Kind: consent.UseAnswer, GrantID: grantID, RequestID: r.RequestID, UserOrg: border.Platform,
		Payload: r.Envelope.GetKind(), EnvelopeID: r.Envelope.GetId(), Origin: r.Origin, LeafIndex: r.LeafIndex}
	state, refusal, raw := StateFailed, borderv1.RefusalCode(0), []byte(nil)
	switch m := r.Message.(type) {
	case *borderv1.IdentityResult:
		if allYes(m) {
			state, err = s.markVerified(ctx, tx, v)
		}
		if err == nil {
			raw, err = proto.Marshal(m)
		}
	case *borderv1.Refusal:
		state, refusal = StateRefused, m.GetCode()
		use.Kind, use.Refusal = consent.UseRefusal, refusal
	default:
		return false, fmt.Errorf("an identity check was answered with a %T", m)
	}
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `update identity_check set state = $1, result = $2, refusal = $3, envelope_id = $4, answered_at = $5
		where request_id = $6 and answered_at = 0`, state, raw, int64(refusal), use.EnvelopeID, store.Micros(r.At), r.RequestID)
	if err != nil {
		return false, err
	}
	return true, consent.Record(ctx, tx, v.OrgID, use)
}

// markVerified also stands against two accounts that prove the same firm at the same time: the second one fails.
func (s *Service) markVerified(ctx context.Context, tx *store.Tx, v party.Verified) (State, error) {
	err := party.MarkVerified(ctx, tx, v)
	if problem.Is(err, problem.Conflict) {
		return StateFailed, nil
	}
	return StateVerified, err
}

func allYes(m *borderv1.IdentityResult) bool {
	const yes = borderv1.Verdict_VERDICT_YES
	return m.GetFirmRegistered() == yes && m.GetFirmNameMatches() == yes && m.GetPersonExists() == yes && m.GetPersonRepresentsFirm() == yes
}

// Latest returns the newest check of the actor's firm; ok is false when there was none.
func (s *Service) Latest(ctx context.Context, by party.Actor) (check Check, ok bool, err error) {
	var raw []byte
	var refusal, asked, answered int64
	err = s.store.View(ctx, func(tx *store.Tx) error {
		return tx.Row(ctx, `select id, org_id, request_id, grant_id, state, result, refusal, envelope_id, asked_at, answered_at
			from identity_check where org_id = $1 order by asked_at desc, id desc limit 1`, by.OrgID).
			Scan(&check.ID, &check.OrgID, &check.RequestID, &check.GrantID, &check.State, &raw, &refusal, &check.EnvelopeID, &asked, &answered)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Check{}, false, nil
	}
	if err != nil {
		return Check{}, false, problem.Wrap("read the identity check", err)
	}
	check.Refusal, check.AskedAt, check.AnsweredAt = borderv1.RefusalCode(refusal), store.Time(asked), store.Time(answered)
	if raw != nil {
		check.Result = &borderv1.IdentityResult{}
		if err := proto.Unmarshal(raw, check.Result); err != nil {
			return Check{}, false, fmt.Errorf("decode an identity result: %w", err)
		}
	}
	return check, true, nil
}
