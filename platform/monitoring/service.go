package monitoring

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/exchange"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
)

// Service watches.
type Service struct {
	store    *store.Store
	exchange *exchange.Exchange
	consent  *consent.Service
}

// New returns the service.
func New(s *store.Store, x *exchange.Exchange, c *consent.Service) *Service {
	return &Service{store: s, exchange: x, consent: c}
}

// unwatched is a loan whose borrower allows its bank to watch it, under a grant that no watch was asked for yet.
type unwatched struct {
	loanID, orgID, bankID, city, usci, grantID string
}

// selectUnwatched: one row per open loan with a monitoring grant that holds now and no watch under it; the newest grant counts.
const selectUnwatched = `
select l.id, l.org_id, l.bank_id, o.city, o.usci, g.id
from loan l
join organisation o on o.id = l.org_id
join consent_grant g on g.id = (
    select max(n.id) from consent_grant n
    where n.subject_org = l.org_id and n.grantee_id = l.bank_id and n.purpose = $1
      and n.revoked_at = 0 and n.not_before <= $2 and n.not_after > $2)
where l.settled_at = 0
  and not exists (select 1 from watch w where w.loan_id = l.id and w.grant_id = g.id)
order by l.id`

// Begin asks the nodes to watch every open loan that its borrower allows to be watched and that is not watched yet, and returns how
// many it asked for. It is called when a loan is paid out, when a grant is given, and at every start.
func (s *Service) Begin(ctx context.Context) (int, error) {
	var due []unwatched
	read := func(scan func(...any) error) (u unwatched, err error) {
		return u, scan(&u.loanID, &u.orgID, &u.bankID, &u.city, &u.usci, &u.grantID)
	}
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		due, err = store.Collect(ctx, tx, read, selectUnwatched,
			int64(borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING), store.Micros(s.store.Now()))
		return err
	})
	if err != nil {
		return 0, problem.Wrap("find loans to watch", err)
	}
	for i, u := range due {
		if err := s.watch(ctx, u); err != nil {
			return i, problem.Wrap("begin to watch a loan", err)
		}
	}
	return len(due), nil
}

const insertWatch = `
insert into watch (id, loan_id, org_id, bank_id, grant_id, envelope_id, asked_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (loan_id, grant_id) do nothing`

func (s *Service) watch(ctx context.Context, u unwatched) error {
	grant, err := s.consent.Envelope(ctx, u.grantID)
	if err != nil {
		return err
	}
	now := s.store.Now()
	sent, err := s.exchange.Seal(ctx, u.city, &borderv1.WatchRequest{Id: s.store.NewID(), City: u.city, Grant: grant,
		SubjectUsci: u.usci, RequesterId: u.bankID, RequestedAt: timestamppb.New(now)})
	if err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		added, err := tx.Exec(ctx, insertWatch, sent.ID, u.loanID, u.orgID, u.bankID, u.grantID, sent.Envelope.GetId(), store.Micros(now))
		if err != nil || added == 0 {
			return err
		}
		if err := s.exchange.Queue(ctx, tx, sent); err != nil {
			return err
		}
		return consent.Record(ctx, tx, u.orgID, consent.Use{ID: s.store.NewID(), At: now, Kind: consent.UseRequest, GrantID: u.grantID,
			RequestID: sent.ID, UserOrg: u.bankID, Payload: sent.Envelope.GetKind(), EnvelopeID: sent.Envelope.GetId(),
			Origin: sent.Origin, LeafIndex: sent.LeafIndex})
	})
}

const selectWatch = `
select w.grant_id, w.loan_id, w.org_id, w.bank_id
from watch w join organisation o on o.id = w.org_id
where w.id = $1 and o.city = $2 and o.usci = $3`

const insertAlert = `
insert into alert (id, watch_id, grant_id, loan_id, org_id, bank_id, code, severity, observed_at, received_at, envelope_id, origin, leaf_index)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`

// Receive keeps an alert that a node sent, in the exchange's transaction. An alert about something that nobody asked to watch is
// refused.
func Receive(ctx context.Context, tx *store.Tx, r exchange.Received) error {
	a, ok := r.Message.(*borderv1.Alert)
	if !ok {
		return errors.New("the message is no alert")
	}
	var grantID, loanID, orgID, bankID string
	row := tx.Row(ctx, selectWatch, a.GetWatchId(), r.City, a.GetSubjectUsci())
	if err := row.Scan(&grantID, &loanID, &orgID, &bankID); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return &border.Refused{Code: borderv1.RefusalCode_REFUSAL_CODE_MALFORMED, Field: "watch_id", Why: "names no watch over this firm"}
		}
		return err
	}
	_, err := tx.Exec(ctx, insertAlert, a.GetId(), a.GetWatchId(), grantID, loanID, orgID, bankID, int64(a.GetCode()), int64(a.GetSeverity()),
		store.Micros(a.GetObservedAt().AsTime()), store.Micros(r.At), r.Envelope.GetId(), r.Origin, int64(r.LeafIndex))
	if err != nil {
		return err
	}
	return consent.Record(ctx, tx, orgID, consent.Use{ID: a.GetId(), At: r.At, Kind: consent.UseAlert, GrantID: grantID, RequestID: a.GetWatchId(),
		UserOrg: bankID, Payload: r.Envelope.GetKind(), Alert: a.GetCode(), EnvelopeID: r.Envelope.GetId(), Origin: r.Origin, LeafIndex: r.LeafIndex})
}

// selectAlert: one row per alert, with the firm, the application and who acknowledged it.
const selectAlert = `
select a.id, a.watch_id, a.grant_id, a.bank_id, a.org_id, o.name, a.loan_id, l.application_id, a.code, a.severity, a.observed_at,
    a.received_at, a.origin, a.leaf_index, a.acknowledged_at, a.acknowledged_by, coalesce(c.name, ''), a.action, a.note
from alert a
join organisation o on o.id = a.org_id
join loan l on l.id = a.loan_id
left join account c on c.id = a.acknowledged_by`

func scanAlert(scan func(...any) error) (a Alert, err error) {
	var code, severity, observed, received, leaf, acknowledged int64
	err = scan(&a.ID, &a.WatchID, &a.GrantID, &a.BankID, &a.OrgID, &a.FirmName, &a.LoanID, &a.ApplicationID, &code, &severity, &observed,
		&received, &a.Origin, &leaf, &acknowledged, &a.AcknowledgedBy, &a.ByName, &a.Action, &a.Note)
	a.Code, a.Severity, a.LeafIndex = borderv1.AlertCode(code), borderv1.Severity(severity), uint64(leaf)
	a.ObservedAt, a.ReceivedAt, a.AcknowledgedAt = store.Time(observed), store.Time(received), store.Time(acknowledged)
	return a, err
}

// shown bounds how many alerts one page gets.
const shown = 500

func onlyBanks(by party.Actor) error {
	if by.Role.Bank() {
		return nil
	}
	return problem.New(problem.Forbidden, "banks_only", "只有银行人员可以查看贷后预警。", "Only a bank's staff see alerts after the loan.")
}

// Inbox lists the actor's bank's alerts: open ones first, severest first, newest first.
func (s *Service) Inbox(ctx context.Context, by party.Actor) ([]Alert, error) {
	if err := onlyBanks(by); err != nil {
		return nil, err
	}
	var all []Alert
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		all, err = store.Collect(ctx, tx, scanAlert, selectAlert+`
			where a.bank_id = $1
			order by case when a.acknowledged_at = 0 then 0 else 1 end, a.severity desc, a.received_at desc, a.id
			limit $2`, by.OrgID, shown)
		return err
	})
	return all, problem.Wrap("list the alerts", err)
}

// Open counts the actor's bank's open alerts.
func (s *Service) Open(ctx context.Context, by party.Actor) (int, error) {
	if err := onlyBanks(by); err != nil {
		return 0, err
	}
	var n int
	err := s.store.View(ctx, func(tx *store.Tx) error {
		return tx.Row(ctx, `select count(*) from alert where bank_id = $1 and acknowledged_at = 0`, by.OrgID).Scan(&n)
	})
	return n, problem.Wrap("count the open alerts", err)
}

// maxNote bounds the officer's note, in characters.
const maxNote = 500

// Acknowledge closes an alert with what was done: form fields action, note.
func (s *Service) Acknowledge(ctx context.Context, by party.Actor, alertID string, action Action, note string) (Alert, error) {
	if err := onlyBanks(by); err != nil {
		return Alert{}, err
	}
	note = strings.TrimSpace(note)
	var wrong problem.Fields
	if !slices.Contains(Actions(), action) {
		wrong.Add("action", "unknown_action", "请选择处理方式。", "Choose what was done.")
	}
	if utf8.RuneCountInString(note) > maxNote {
		wrong.Add("note", "too_long", "说明不能超过 500 字。", "The note may have at most 500 characters.")
	}
	if err := wrong.Err(); err != nil {
		return Alert{}, err
	}
	var alert Alert
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		closed, err := tx.Exec(ctx, `
			update alert set acknowledged_at = $3, acknowledged_by = $4, action = $5, note = $6
			where id = $1 and bank_id = $2 and acknowledged_at = 0`,
			alertID, by.OrgID, store.Micros(s.store.Now()), by.AccountID, string(action), note)
		if err != nil {
			return err
		}
		if alert, err = scanAlert(tx.Row(ctx, selectAlert+` where a.id = $1 and a.bank_id = $2`, alertID, by.OrgID).Scan); err != nil {
			return err
		}
		if closed == 0 {
			return problem.New(problem.Conflict, "already_acknowledged", "这条预警已由"+alert.ByName+"处理。",
				"This alert was already acknowledged by "+alert.ByName+".")
		}
		return nil
	})
	if err != nil {
		return Alert{}, problem.Wrap("acknowledge an alert", err)
	}
	return alert, nil
}

// OfFirm lists the alerts about the actor's own firm. What the bank did about them and noted is the bank's.
func (s *Service) OfFirm(ctx context.Context, by party.Actor) ([]Alert, error) {
	var all []Alert
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		all, err = store.Collect(ctx, tx, scanAlert, selectAlert+` where a.org_id = $1 order by a.received_at desc, a.id limit $2`, by.OrgID, shown)
		return err
	})
	for i := range all {
		all[i].AcknowledgedBy, all[i].ByName, all[i].Action, all[i].Note = "", "", "", ""
	}
	return all, problem.Wrap("list the firm's alerts", err)
}
