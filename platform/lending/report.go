package lending

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/exchange"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/product"
	"github.com/yidaitong/yidaitong/platform/store"
)

const (
	// usualWait is how long a page waits for a report before it says that it will come later.
	usualWait = 5 * time.Second
	// reportFresh is how long a report is used again instead of asking for another one.
	reportFresh = 24 * time.Hour
)

// RequestReport asks the city's node for the credit report and waits up to wait (0 takes the usual limit). A report that
// comes later is stored when it comes; Case shows it. Asking again while one is underway or fresh returns that one; without a grant
// that covers it now, nobody gets one, fresh or not.
func (s *Service) RequestReport(ctx context.Context, by party.Actor, id string, wait time.Duration) (Report, error) {
	if wait == 0 {
		wait = usualWait
	}
	requestID, err := s.askForReport(ctx, by, id)
	if err != nil {
		return Report{}, problem.Wrap("ask for the credit report", err)
	}
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	if _, err := s.exchange.Await(waiting, requestID); err != nil && waiting.Err() == nil {
		return Report{}, problem.Wrap("wait for the credit report", err)
	}
	var r Report
	err = s.store.View(ctx, func(tx *store.Tx) error {
		r, err = scanReport(tx.Row(ctx, selectReport+` where r.request_id = $1`, requestID).Scan)
		return err
	})
	return r, problem.Wrap("read the credit report", err)
}

// askForReport returns the id of the request that answers, a new one if need be.
func (s *Service) askForReport(ctx context.Context, by party.Actor, id string) (requestID string, err error) {
	var a Application
	var grant consent.Grant
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if a, grant, err = s.mayAsk(ctx, tx, by, id); err != nil {
			return err
		}
		requestID, err = s.usableReport(ctx, tx, a.ID)
		return err
	})
	if err != nil || requestID != "" {
		return requestID, err
	}
	envelope, err := s.consents.Envelope(ctx, grant.ID)
	if err != nil {
		return "", err
	}
	report := Report{ID: s.store.NewID(), ApplicationID: a.ID, RequestID: s.store.NewID(), GrantID: grant.ID, State: ReportRequested,
		RequestedBy: by.AccountID, RequestedAt: s.store.Now()}
	sealed, err := s.exchange.Seal(ctx, a.City, &borderv1.CreditRequest{Id: report.RequestID, City: a.City, Grant: envelope,
		Purpose: borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW, SubjectUsci: grant.SubjectUSCI, RequesterId: a.BankID, RequestedAt: timestamppb.New(report.RequestedAt)})
	if err != nil {
		return "", err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		// What was true before the signature must be true when it goes out: the grant may have been withdrawn, another officer faster.
		if requestID, err = s.usableReport(ctx, tx, a.ID); err != nil || requestID != "" {
			return err
		}
		if err := s.consents.Spend(ctx, tx, grant.ID); err != nil {
			return err
		}
		requestID = report.RequestID
		return s.insertReport(ctx, tx, by, a, report, sealed)
	})
	return requestID, err
}

// mayAsk checks that the bank works on the application and that a grant covers the report now.
func (s *Service) mayAsk(ctx context.Context, tx *store.Tx, by party.Actor, id string) (Application, consent.Grant, error) {
	a, err := ownApplication(ctx, tx, by, id)
	if err != nil {
		return Application{}, consent.Grant{}, err
	}
	switch {
	case !by.Role.Bank():
		return Application{}, consent.Grant{}, problem.New(problem.Forbidden, "not_yours", "只有受理银行可以查询信用报告。", "Only the bank that works on the application asks for the report.")
	case a.State == Draft || a.State == Submitted:
		return Application{}, consent.Grant{}, problem.New(problem.Conflict, "not_accepted", "请先受理申请，再查询信用报告。", "Accept the application before you ask for the report.")
	case a.State.Final():
		return Application{}, consent.Grant{}, problem.New(problem.Conflict, "wrong_state", "申请已结束，不能再查询信用报告。", "The application is over; there is no ground to ask for a report.")
	}
	p, err := product.VersionIn(ctx, tx, a.ProductID, a.ProductVersion)
	if err != nil {
		return Application{}, consent.Grant{}, err
	}
	grant, err := s.consents.CoveringIn(ctx, tx, by, preLoan(a.OrgID, p))
	return a, grant, err
}

// usableReport returns the request that is underway, or whose report is fresh; empty when there is none.
func (s *Service) usableReport(ctx context.Context, tx *store.Tx, applicationID string) (requestID string, err error) {
	err = tx.Row(ctx, `select request_id from credit_report where application_id = $1 and (state = 'requested' or state = 'arrived' and arrived_at > $2)
		order by requested_at desc limit 1`, applicationID, store.Micros(s.store.Now().Add(-reportFresh))).Scan(&requestID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return requestID, err
}

func (s *Service) insertReport(ctx context.Context, tx *store.Tx, by party.Actor, a Application, r Report, sealed exchange.Sent) error {
	_, err := tx.Exec(ctx, `insert into credit_report (id, application_id, org_id, bank_id, request_id, grant_id, state, requested_by, requested_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, r.ID, a.ID, a.OrgID, a.BankID, r.RequestID, r.GrantID, r.State, r.RequestedBy, store.Micros(r.RequestedAt))
	if err != nil {
		return err
	}
	if err := s.exchange.Queue(ctx, tx, sealed); err != nil {
		return err
	}
	return consent.Record(ctx, tx, a.OrgID, consent.Use{ID: s.store.NewID(), At: r.RequestedAt, Kind: consent.UseRequest, GrantID: r.GrantID,
		RequestID: r.RequestID, UserOrg: a.BankID, AccountID: by.AccountID, Payload: borderv1.PayloadKind_PAYLOAD_KIND_CREDIT_REQUEST,
		EnvelopeID: sealed.ID, Origin: sealed.Origin, LeafIndex: sealed.LeafIndex})
}

// TakeAnswer stores the node's answer to a report, in the transaction that keeps the answer; taken is false when the request was
// not one of ours.
func (s *Service) TakeAnswer(ctx context.Context, tx *store.Tx, r exchange.Received) (taken bool, err error) {
	var org, bank, grant string
	err = tx.Row(ctx, `select org_id, bank_id, grant_id from credit_report where request_id = $1`, r.RequestID).Scan(&org, &bank, &grant)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	use := consent.Use{ID: s.store.NewID(), At: r.At, Kind: consent.UseAnswer, GrantID: grant, RequestID: r.RequestID, UserOrg: bank,
		Payload: r.Envelope.GetKind(), EnvelopeID: r.Envelope.GetId(), Origin: r.Origin, LeafIndex: r.LeafIndex}
	state, raw := ReportArrived, []byte(nil)
	switch m := r.Message.(type) {
	case *borderv1.CreditResult:
		use.Score, use.Grade, use.LimitBand = int(m.GetScore()), m.GetGrade(), m.GetLimitBand()
		if raw, err = proto.Marshal(m); err != nil {
			return false, err
		}
	case *borderv1.Refusal:
		state, use.Kind, use.Refusal = ReportRefused, consent.UseRefusal, m.GetCode()
	default:
		return false, fmt.Errorf("a credit request was answered with a %T", m)
	}
	_, err = tx.Exec(ctx, `update credit_report set state = $1, result = $2, refusal = $3, envelope_id = $4, origin = $5, leaf_index = $6, arrived_at = $7
		where request_id = $8 and state = 'requested'`, state, raw, int64(use.Refusal), use.EnvelopeID, r.Origin, int64(r.LeafIndex), store.Micros(r.At), r.RequestID)
	if err != nil {
		return false, err
	}
	return true, consent.Record(ctx, tx, org, use)
}
