package consent

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/exchange"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
)

// Service gives, finds and withdraws grants.
type Service struct {
	store    *store.Store
	exchange *exchange.Exchange
	texts    []Text
}

// New returns the service.
func New(s *store.Store, x *exchange.Exchange) (*Service, error) {
	texts, err := readTexts()
	return &Service{store: s, exchange: x, texts: texts}, err
}

// usual are a purpose's usual limits.
type usual struct {
	duration, longest time.Duration
	uses              int
}

const day = 24 * time.Hour

var usuals = map[borderv1.Purpose]usual{
	borderv1.Purpose_PURPOSE_IDENTITY_CHECK:       {day, day, 1},
	borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW:      {90 * day, 366 * day, 10},
	borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING: {366 * day, border.MaxGrantDuration, 10_000},
}

// Give signs a grant in the actor's firm's name, logs it and sends it to the city's node. The same grant given twice within a
// minute is given once.
func (s *Service) Give(ctx context.Context, by party.Actor, r Request) (Grant, error) {
	if !by.Role.Borrower() {
		return Grant{}, problem.New(problem.Forbidden, "not_a_borrower", "只有数据主体本人可以授权。", "Only the subject can authorise.")
	}
	r.Classes = slices.Compact(slices.Sorted(slices.Values(r.Classes)))
	g, err := s.draft(ctx, by, r)
	if err != nil {
		return Grant{}, problem.Wrap("give a grant", err)
	}
	if same, err := s.justGiven(ctx, g); err != nil || same.ID != "" {
		return same, problem.Wrap("give a grant", err)
	}
	evidence, err := s.evidence(by, g, r.Evidence)
	if err != nil {
		return Grant{}, err
	}
	sealed, err := s.exchange.Seal(ctx, g.City, message(g, evidence))
	if err != nil {
		return Grant{}, problem.Wrap("give a grant", err)
	}
	g.EnvelopeID, g.LeafIndex = sealed.ID, sealed.LeafIndex
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if err := insertGrant(ctx, tx, g, evidence, sealed.Envelope); err != nil {
			return err
		}
		if err := s.exchange.Queue(ctx, tx, sealed); err != nil {
			return err
		}
		return Record(ctx, tx, g.SubjectOrg, Use{ID: s.store.NewID(), At: g.GivenAt, Kind: UseGrant, GrantID: g.ID, UserOrg: g.GranteeID,
			AccountID: by.AccountID, Payload: borderv1.PayloadKind_PAYLOAD_KIND_GRANT, EnvelopeID: sealed.ID, Origin: sealed.Origin, LeafIndex: sealed.LeafIndex})
	})
	return g, problem.Wrap("give a grant", err)
}

// draft checks a request and makes the grant of it, unsigned.
func (s *Service) draft(ctx context.Context, by party.Actor, r Request) (Grant, error) {
	usual, known := usuals[r.Purpose]
	if r.Duration == 0 {
		r.Duration = usual.duration
	}
	if r.MaxUses == 0 {
		r.MaxUses = usual.uses
	}
	var wrong problem.Fields
	if !known {
		wrong.Add("purpose", "unknown", "请选择授权用途。", "Choose the purpose.")
	}
	if len(r.Classes) == 0 {
		wrong.Add("class", "missing", "请至少勾选一类数据。", "Tick at least one class of data.")
	}
	for _, c := range r.Classes {
		if borderv1.DataClass_name[int32(c)] == "" || c == borderv1.DataClass_DATA_CLASS_UNSPECIFIED {
			wrong.Add("class", "unknown", "没有这类数据。", "There is no such class of data.")
		}
	}
	if r.Duration < time.Hour || r.Duration > usual.longest {
		wrong.Add("duration", "range", "授权期限超出允许范围。", "The duration is outside of what the purpose allows.")
	}
	if r.MaxUses < 1 || r.MaxUses > border.MaxGrantUses {
		wrong.Add("max_uses", "range", "使用次数超出允许范围。", "The number of uses is out of range.")
	}
	if r.Evidence.TextVersion != s.CurrentText(r.Purpose).Version {
		wrong.Add("text", "outdated", "授权书已更新，请重新阅读后授权。", "The text has changed; please read it again.")
	}
	if err := wrong.Err(); err != nil {
		return Grant{}, err
	}
	now := s.store.Now()
	g := Grant{ID: s.store.NewID(), SubjectOrg: by.OrgID, GranteeID: r.GranteeID, Purpose: r.Purpose, Classes: r.Classes, NotBefore: now,
		NotAfter: now.Add(r.Duration), MaxUses: r.MaxUses, TextVersion: r.Evidence.TextVersion, GivenBy: by.AccountID, GivenAt: now}
	return g, s.store.View(ctx, func(tx *store.Tx) error { return g.bind(ctx, tx, r.USCI) })
}

// bind fills in who the subject and the grantee are.
func (g *Grant) bind(ctx context.Context, tx *store.Tx, claimed string) error {
	subject, err := party.OrganisationByID(ctx, tx, g.SubjectOrg)
	if err != nil {
		return err
	}
	g.City, g.SubjectUSCI = subject.City, subject.Profile.USCI
	if g.Purpose == borderv1.Purpose_PURPOSE_IDENTITY_CHECK {
		g.GranteeID, g.SubjectUSCI = border.Platform, claimed
	} else if !subject.Verified() {
		return problem.New(problem.Forbidden, "not_verified", "请先完成企业和本人身份认证。", "Verify your firm and yourself first.")
	}
	grantee, err := party.OrganisationByID(ctx, tx, g.GranteeID)
	if errors.Is(err, sql.ErrNoRows) || err == nil && grantee.Kind != party.KindBank && grantee.ID != border.Platform {
		var wrong problem.Fields
		wrong.Add("product", "unknown_bank", "请选择被授权的银行。", "Choose the bank that you authorise.")
		return wrong.Err()
	}
	g.GranteeName = grantee.Name
	return err
}

// justGiven finds the grant that a double click gave a moment ago.
func (s *Service) justGiven(ctx context.Context, g Grant) (Grant, error) {
	if g.Purpose == borderv1.Purpose_PURPOSE_IDENTITY_CHECK {
		return Grant{}, nil // used once: each check has its own
	}
	var found []Grant
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		found, err = store.Collect(ctx, tx, scanGrant, selectGrant+` where g.subject_org = $1 and g.grantee_id = $2 and g.purpose = $3
			and g.classes = $4 and g.max_uses = $5 and g.revoked_at = 0 and g.given_at > $6`, g.SubjectOrg, g.GranteeID, int64(g.Purpose),
			classesText(g.Classes), g.MaxUses, store.Micros(g.GivenAt.Add(-time.Minute)))
		return err
	})
	if err != nil || len(found) == 0 {
		return Grant{}, err
	}
	return found[0], nil
}

// evidence is the record of how the consent was given; its digest stands in the signed grant.
func (s *Service) evidence(by party.Actor, g Grant, e Evidence) ([]byte, error) {
	return json.Marshal(struct {
		Evidence
		Account    string    `json:"account"`
		GrantID    string    `json:"grant"`
		TextSHA256 string    `json:"text_sha256"`
		At         time.Time `json:"at"`
	}{e, by.AccountID, g.ID, s.CurrentText(g.Purpose).SHA256, g.GivenAt})
}

func message(g Grant, evidence []byte) *borderv1.Grant {
	digest := sha256.Sum256(evidence)
	return &borderv1.Grant{Id: g.ID, City: g.City, SubjectUsci: g.SubjectUSCI, GranteeId: g.GranteeID, Purpose: g.Purpose, DataClasses: g.Classes,
		NotBefore: timestamppb.New(g.NotBefore), NotAfter: timestamppb.New(g.NotAfter), MaxUses: uint32(g.MaxUses), TextVersion: g.TextVersion,
		EvidenceDigest: digest[:]}
}

// Revoke withdraws a grant at once, here and at the node. Withdrawing twice is fine.
func (s *Service) Revoke(ctx context.Context, by party.Actor, grantID string) (Grant, error) {
	now := s.store.Now()
	var g Grant
	// Here it stops at once, before anything is sent: no service finds it any more.
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if g, err = ownGrant(ctx, tx, by, grantID); err != nil || !g.RevokedAt.IsZero() {
			return err
		}
		g.RevokedAt = now
		_, err = tx.Exec(ctx, `update consent_grant set revoked_at = $1, revoked_by = $2 where id = $3`, store.Micros(now), by.AccountID, g.ID)
		return err
	})
	if err == nil {
		err = s.sendRevocation(ctx, g.ID)
	}
	return g, problem.Wrap("withdraw a grant", err)
}

// sendRevocation tells the node, once.
func (s *Service) sendRevocation(ctx context.Context, grantID string) error {
	var g Grant
	var by, sent string
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		if g, err = scanGrant(tx.Row(ctx, selectGrant+` where g.id = $1`, grantID).Scan); err != nil {
			return err
		}
		return tx.Row(ctx, `select revoked_by, revocation_envelope_id from consent_grant where id = $1`, grantID).Scan(&by, &sent)
	})
	if err != nil || sent != "" {
		return err
	}
	sealed, err := s.exchange.Seal(ctx, g.City, &borderv1.Revocation{GrantId: g.ID, City: g.City, RevokedAt: timestamppb.New(g.RevokedAt)})
	if err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `update consent_grant set revocation_envelope_id = $1 where id = $2 and revocation_envelope_id = ''`, sealed.ID, g.ID)
		if err != nil || n == 0 { // another click was faster
			return err
		}
		if err := s.exchange.Queue(ctx, tx, sealed); err != nil {
			return err
		}
		return Record(ctx, tx, g.SubjectOrg, Use{ID: s.store.NewID(), At: g.RevokedAt, Kind: UseRevocation, GrantID: g.ID, UserOrg: g.GranteeID,
			AccountID: by, Payload: borderv1.PayloadKind_PAYLOAD_KIND_REVOCATION, EnvelopeID: sealed.ID, Origin: sealed.Origin, LeafIndex: sealed.LeafIndex})
	})
}

// Resume sends the revocations that a crash kept from being sent. It is called at the start and by the nightly job.
func (s *Service) Resume(ctx context.Context) error {
	var unsent []string
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		unsent, err = store.Collect(ctx, tx, func(scan func(...any) error) (id string, err error) {
			err = scan(&id)
			return id, err
		}, `select id from consent_grant where revoked_at > 0 and revocation_envelope_id = ''`)
		return err
	})
	for _, id := range unsent {
		err = errors.Join(err, s.sendRevocation(ctx, id))
	}
	return problem.Wrap("send withdrawals", err)
}

// Grants lists the actor's firm's grants, newest first.
func (s *Service) Grants(ctx context.Context, by party.Actor) ([]Grant, error) {
	var all []Grant
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		all, err = store.Collect(ctx, tx, scanGrant, selectGrant+` where g.subject_org = $1 order by g.given_at desc, g.id desc`, by.OrgID)
		return err
	})
	return all, problem.Wrap("list the grants", err)
}

// Grant returns one grant of the actor's firm.
func (s *Service) Grant(ctx context.Context, by party.Actor, id string) (Grant, error) {
	var g Grant
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		g, err = ownGrant(ctx, tx, by, id)
		return err
	})
	return g, problem.Wrap("read the grant", err)
}

// Need is what somebody wants to use data for.
type Need struct {
	SubjectOrg string
	GranteeID  string
	Purpose    borderv1.Purpose
	Classes    []borderv1.DataClass // empty asks for any
	At         time.Time            // zero means now
}

// Covering returns the grant that covers the need and ends last; problem code no_covering_grant when there is none, with the
// reason of the nearest one. The actor must belong to the grantee or to the subject.
func (s *Service) Covering(ctx context.Context, by party.Actor, n Need) (Grant, error) {
	var g Grant
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		g, err = s.CoveringIn(ctx, tx, by, n)
		return err
	})
	return g, problem.Wrap("look for a grant", err)
}

// CoveringIn is Covering inside a transaction.
func (s *Service) CoveringIn(ctx context.Context, tx *store.Tx, by party.Actor, n Need) (Grant, error) {
	if n.At.IsZero() {
		n.At = s.store.Now()
	}
	if by.OrgID != n.SubjectOrg && by.OrgID != n.GranteeID {
		return Grant{}, sql.ErrNoRows
	}
	all, err := store.Collect(ctx, tx, scanGrant, selectGrant+` where g.subject_org = $1 and g.grantee_id = $2 and g.purpose = $3
		order by g.not_after desc, g.id desc`, n.SubjectOrg, n.GranteeID, int64(n.Purpose))
	if err != nil {
		return Grant{}, err
	}
	lapsed := State("")
	for _, g := range all {
		state := g.State(n.At)
		if state == StateActive && border.Covers(g.Classes, n.Classes) && !n.At.Before(g.NotBefore) {
			return g, nil
		}
		if lapsed == "" && state != StateActive {
			lapsed = state
		}
	}
	return Grant{}, notCovered(lapsed)
}

func notCovered(lapsed State) error {
	switch lapsed {
	case StateRevoked:
		return problem.New(problem.Forbidden, "no_covering_grant", "借款人已撤回授权，不能再使用其数据。", "The borrower has withdrawn the authorisation; the data can no longer be used.")
	case StateExpired:
		return problem.New(problem.Forbidden, "no_covering_grant", "授权已到期，请借款人重新授权。", "The authorisation has ended; ask the borrower for a new one.")
	case StateUsedUp:
		return problem.New(problem.Forbidden, "no_covering_grant", "授权次数已用完，请借款人重新授权。", "The authorisation is used up; ask the borrower for a new one.")
	}
	return problem.New(problem.Forbidden, "no_covering_grant", "没有覆盖此用途的授权。", "There is no authorisation that covers this use.")
}

// Spend counts inside tx one use of a grant, if it still holds.
func (s *Service) Spend(ctx context.Context, tx *store.Tx, grantID string) error {
	n, err := tx.Exec(ctx, `update consent_grant set uses = uses + 1 where id = $1 and revoked_at = 0 and not_after > $2 and uses < max_uses`,
		grantID, store.Micros(s.store.Now()))
	if err == nil && n == 0 {
		return notCovered("")
	}
	return err
}

// Envelope returns a grant as it was signed, to be put into a request.
func (s *Service) Envelope(ctx context.Context, grantID string) (*borderv1.Envelope, error) {
	var raw []byte
	err := s.store.View(ctx, func(tx *store.Tx) error {
		return tx.Row(ctx, `select envelope from consent_grant where id = $1`, grantID).Scan(&raw)
	})
	if err != nil {
		return nil, problem.Wrap("read a grant's envelope", err)
	}
	e := &borderv1.Envelope{}
	if err := proto.Unmarshal(raw, e); err != nil {
		return nil, fmt.Errorf("decode a grant's envelope: %w", err)
	}
	return e, nil
}

// TakeAnswer records an answer to a request that no service waits for, so that the subject sees it all the same; taken is false when
// it names no grant of ours.
func (s *Service) TakeAnswer(ctx context.Context, tx *store.Tx, r exchange.Received) (taken bool, err error) {
	use := Use{ID: s.store.NewID(), At: r.At, Kind: UseAnswer, RequestID: r.RequestID, Payload: r.Envelope.GetKind(),
		EnvelopeID: r.Envelope.GetId(), Origin: r.Origin, LeafIndex: r.LeafIndex}
	switch m := r.Message.(type) {
	case *borderv1.Refusal:
		use.Kind, use.GrantID, use.Refusal = UseRefusal, m.GetGrantId(), m.GetCode()
	case *borderv1.CreditResult:
		use.GrantID, use.Score, use.Grade, use.LimitBand = m.GetGrantId(), int(m.GetScore()), m.GetGrade(), m.GetLimitBand()
	case *borderv1.IdentityResult:
		use.GrantID = m.GetGrantId()
	}
	var subject string
	err = tx.Row(ctx, `select subject_org, grantee_id from consent_grant where id = $1`, use.GrantID).Scan(&subject, &use.UserOrg)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, Record(ctx, tx, subject, use)
}

// usesShown bounds one page of "who used my data".
const usesShown = 200

// Uses lists who used the actor's firm's data, newest first, each proof verified on the way.
func (s *Service) Uses(ctx context.Context, by party.Actor) ([]Use, error) {
	var uses []Use
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		uses, err = store.Collect(ctx, tx, scanUse, selectUse+` where u.subject_org = $1 order by u.at desc, u.id desc limit $2`, by.OrgID, usesShown)
		return err
	})
	if err != nil {
		return nil, problem.Wrap("list the uses", err)
	}
	for i := range uses {
		if uses[i].Proof, err = s.prove(ctx, uses[i]); err != nil {
			return nil, problem.Wrap("list the uses", err)
		}
	}
	return uses, nil
}

// prove checks that a use stands in the log where its row says.
func (s *Service) prove(ctx context.Context, u Use) (Proof, error) {
	e, err := s.exchange.Envelope(ctx, u.EnvelopeID)
	if err != nil && !errors.Is(err, exchange.ErrUnknown) {
		return "", err
	}
	proof := e.GetLogProof()
	switch {
	case e == nil:
		return ProofFailed, nil
	case proof == nil:
		return ProofPending, nil
	case proof.GetLeafIndex() != u.LeafIndex || proof.GetOrigin() != u.Origin:
		return ProofFailed, nil
	}
	if failed := s.exchange.VerifyProof(e); failed == nil {
		return ProofVerified, nil
	}
	return ProofFailed, nil
}
