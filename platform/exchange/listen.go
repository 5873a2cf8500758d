package exchange

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/border/v1/borderv1connect"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/translog"
)

const (
	maxWait      = 60 * time.Second
	maxHandedOut = 256
	maxMessage   = 8 << 20
	// Another process of the platform may queue, too; its bell is not heard here.
	queuePoll = 250 * time.Millisecond
)

// Handler is what the nodes dial; it must be served with the keyring's ServerTLS, because the client's certificate says which city speaks.
func (x *Exchange) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(borderv1connect.NewExchangeHandler(&service{x}, connect.WithReadMaxBytes(maxMessage)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		city, ok := callingCity(r)
		if !ok {
			http.Error(w, "a node's certificate is needed here", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), cityKey{}, city)))
	})
}

// Serve serves the nodes on a listener, over mutual TLS, until ctx ends.
func (x *Exchange) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{Handler: x.Handler(), TLSConfig: x.o.Keys.ServerTLS(), ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute,
		// Strangers that knock without a certificate are no news.
		ErrorLog:    slog.NewLogLogger(x.o.Logger.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return ctx }}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(last); err != nil {
			x.o.Logger.Warn("nodes did not hang up in time", "error", errors.Join(err, server.Close()))
		}
	}()
	err := server.ServeTLS(l, "", "")
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the nodes: %w", err)
	}
	<-stopped
	return nil
}

type cityKey struct{}

func callingCity(r *http.Request) (string, bool) {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return "", false
	}
	return border.CityOf(r.TLS.PeerCertificates[0].Subject.CommonName)
}

// service is the exchange as the nodes see it.
type service struct{ x *Exchange }

// cityFor returns the city of the caller's certificate; it may speak for no other.
func cityFor(ctx context.Context, named string) (string, error) {
	city, _ := ctx.Value(cityKey{}).(string)
	if city == "" || city != named {
		return "", connect.NewError(connect.CodePermissionDenied, errors.New("the certificate is of another city"))
	}
	return city, nil
}

// Pull hands out, in the order in which they were queued, the envelopes that are neither closed nor handed out to this session yet.
func (s *service) Pull(ctx context.Context, r *borderv1.PullRequest) (*borderv1.PullResponse, error) {
	city, err := cityFor(ctx, r.GetCity())
	if err != nil {
		return nil, err
	}
	if !border.ValidID(r.GetSession()) {
		return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("session is not a ULID"))
	}
	most := min(max(int(r.GetMaxEnvelopes()), 1), maxHandedOut)
	until := time.Now().Add(min(time.Duration(r.GetWaitMilliseconds())*time.Millisecond, maxWait))
	for {
		rung := s.x.bell.listen(city)
		handed, err := s.x.handOut(ctx, city, r.GetSession(), most)
		if err != nil {
			s.x.o.Logger.ErrorContext(ctx, "hand out envelopes", "city", city, "error", err)
			return nil, connect.NewError(connect.CodeUnavailable, errors.New("the queue cannot be read now"))
		}
		if len(handed) > 0 || time.Now().After(until) {
			return &borderv1.PullResponse{Envelopes: handed}, nil
		}
		select {
		case <-ctx.Done():
			return &borderv1.PullResponse{}, nil
		case <-rung:
		case <-time.After(min(queuePoll, time.Until(until)+time.Millisecond)):
		}
	}
}

const selectWaiting = `
select id, body from envelope
where city = $1 and outbound = 1 and closed_at = 0 and session <> $2
order by position
limit $3`

func (x *Exchange) handOut(ctx context.Context, city, session string, most int) ([]*borderv1.Envelope, error) {
	type waiting struct {
		id   string
		body []byte
	}
	read := func(scan func(...any) error) (w waiting, err error) { return w, scan(&w.id, &w.body) }
	var found []waiting
	err := x.o.Store.View(ctx, func(tx *store.Tx) (err error) {
		found, err = store.Collect(ctx, tx, read, selectWaiting, city, session, most)
		return err
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	envelopes := make([]*borderv1.Envelope, len(found))
	for i, w := range found {
		envelopes[i] = &borderv1.Envelope{}
		if err := proto.Unmarshal(w.body, envelopes[i]); err != nil {
			return nil, fmt.Errorf("decode a kept envelope: %w", err)
		}
	}
	err = x.o.Store.Update(ctx, func(tx *store.Tx) error {
		for _, w := range found {
			if _, err := tx.Exec(ctx, `update envelope set session = $2 where id = $1`, w.id, session); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("note what was handed out: %w", err)
	}
	return envelopes, nil
}

// Push keeps what a node sends. What cannot be believed is rejected by name; what cannot be kept now is neither accepted nor rejected,
// and the node sends it again.
func (s *service) Push(ctx context.Context, r *borderv1.PushRequest) (*borderv1.PushResponse, error) {
	city, err := cityFor(ctx, r.GetCity())
	if err != nil {
		return nil, err
	}
	if err := s.x.closeTaken(ctx, city, r.GetDone()); err != nil {
		s.x.o.Logger.ErrorContext(ctx, "close envelopes", "city", city, "error", err)
		return nil, connect.NewError(connect.CodeUnavailable, errors.New("the queue cannot be written now"))
	}
	response := &borderv1.PushResponse{}
	for _, e := range r.GetEnvelopes() {
		err := s.x.receive(ctx, city, e)
		switch code := border.CodeOf(err); {
		case err == nil:
			response.Accepted = append(response.Accepted, e.GetId())
		case code != borderv1.RefusalCode_REFUSAL_CODE_UNSPECIFIED:
			s.x.o.Logger.WarnContext(ctx, "reject an envelope", "city", city, "error", err)
			response.Rejected = append(response.Rejected, &borderv1.Rejection{Id: e.GetId(), Code: code})
		default:
			s.x.o.Logger.ErrorContext(ctx, "keep an envelope", "city", city, "error", err)
		}
	}
	return response, nil
}

// closeTaken closes envelopes that need no answer. A request stays open until its answer has come.
func (x *Exchange) closeTaken(ctx context.Context, city string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	now := store.Micros(x.o.Store.Now())
	return x.o.Store.Update(ctx, func(tx *store.Tx) error {
		for _, id := range ids {
			_, err := tx.Exec(ctx, `
				update envelope set closed_at = $3
				where id = $1 and city = $2 and outbound = 1 and closed_at = 0 and kind not in ($4, $5)`,
				id, city, now, int64(borderv1.PayloadKind_PAYLOAD_KIND_IDENTITY_REQUEST),
				int64(borderv1.PayloadKind_PAYLOAD_KIND_CREDIT_REQUEST))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// receive verifies an envelope, logs it here too, and keeps it with what follows from it in one transaction.
func (x *Exchange) receive(ctx context.Context, city string, e *borderv1.Envelope) error {
	m, err := border.Open(e, x.o.Keys.Verifier, border.Platform)
	if err != nil {
		return err
	}
	if e.GetSender() != border.NodeName(city) || !border.FromNode(e.GetKind()) {
		return &border.Refused{Code: borderv1.RefusalCode_REFUSAL_CODE_WRONG_CITY, Field: "sender", Why: "is not the node of the certificate"}
	}
	if err := x.VerifyProof(e); err != nil {
		return &border.Refused{Code: borderv1.RefusalCode_REFUSAL_CODE_BAD_SIGNATURE, Field: "log_proof", Why: "does not hold"}
	}
	if _, err := x.o.Log.Append(ctx, translog.EnvelopeLeaf(e, e.GetSignedAt().AsTime())); err != nil {
		return fmt.Errorf("log an envelope from the node of %s: %w", city, err)
	}
	received := Received{City: city, Envelope: e, Message: m, RequestID: answers(m), Origin: e.GetLogProof().GetOrigin(),
		LeafIndex: e.GetLogProof().GetLeafIndex(), At: x.o.Store.Now()}
	// A link that is cut now must not undo what was verified: the node would only send it again.
	ctx = context.WithoutCancel(ctx)
	return x.o.Store.Update(ctx, func(tx *store.Tx) error { return x.keep(ctx, tx, received) })
}

// answers is the id of the request that a message answers; empty when it answers none.
func answers(m proto.Message) string {
	if a, ok := m.(interface{ GetRequestId() string }); ok {
		return a.GetRequestId()
	}
	return ""
}

const keepEnvelope = `
insert into envelope (id, city, kind, outbound, request_id, body, kept_at)
values ($1, $2, $3, 0, $4, $5, $6)
on conflict do nothing`

const closeRequest = `update envelope set closed_at = $3 where id = $1 and city = $2 and outbound = 1 and closed_at = 0`

// keep stores a verified envelope and hands it to its receiver. What was kept before is kept already, and nothing follows again.
func (x *Exchange) keep(ctx context.Context, tx *store.Tx, r Received) error {
	var request *borderv1.Envelope
	if r.RequestID != "" {
		var err error
		if request, err = openRequest(ctx, tx, r); err != nil || request == nil {
			return err
		}
	}
	body, err := proto.Marshal(r.Envelope)
	if err != nil {
		return fmt.Errorf("encode an envelope: %w", err)
	}
	now := store.Micros(r.At)
	kept, err := tx.Exec(ctx, keepEnvelope, r.Envelope.GetId(), r.City, int64(r.Envelope.GetKind()), r.RequestID, body, now)
	if err != nil {
		return fmt.Errorf("keep an envelope: %w", err)
	}
	if kept == 0 {
		return nil
	}
	if request != nil {
		tx.Then(func() { x.answer.ring(r.RequestID) })
		if _, err := tx.Exec(ctx, closeRequest, r.RequestID, r.City, now); err != nil {
			return fmt.Errorf("close a request: %w", err)
		}
		if request.GetKind() == borderv1.PayloadKind_PAYLOAD_KIND_IDENTITY_REQUEST {
			if err := blank(ctx, tx, request); err != nil {
				return err
			}
		}
	}
	if receiver := x.receiver(r.Message); receiver != nil {
		return receiver(ctx, tx, r)
	}
	return nil
}

// openRequest returns the request that an answer names, nil when it was answered before. An answer to nothing, or one that does not fit
// what was asked, is refused.
func openRequest(ctx context.Context, tx *store.Tx, r Received) (*borderv1.Envelope, error) {
	var body []byte
	var closed int64
	err := tx.Row(ctx, `select body, closed_at from envelope where id = $1 and city = $2 and outbound = 1`, r.RequestID, r.City).Scan(&body, &closed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, misfit("request_id", "names nothing that was asked")
	}
	if err != nil {
		return nil, fmt.Errorf("find the request of an answer: %w", err)
	}
	if closed != 0 {
		return nil, nil
	}
	e := &borderv1.Envelope{}
	if err := proto.Unmarshal(body, e); err != nil {
		return nil, fmt.Errorf("decode a kept request: %w", err)
	}
	request, err := border.Decode(e)
	if err != nil {
		return nil, fmt.Errorf("decode a kept request: %w", err)
	}
	if err := fits(request, r.Message); err != nil {
		return nil, err
	}
	return e, nil
}

// fits refuses an answer of another kind, about another firm or under another grant than was asked.
func fits(request, answer proto.Message) error {
	asked, ok := request.(interface {
		GetGrant() *borderv1.Envelope
		GetSubjectUsci() string
	})
	if !ok {
		return misfit("request_id", "names a message that wants no answer")
	}
	switch answer := answer.(type) {
	case *borderv1.IdentityResult:
		if _, ok := request.(*borderv1.IdentityRequest); !ok {
			return misfit("kind", "is not what was asked for")
		}
	case *borderv1.CreditResult:
		if _, ok := request.(*borderv1.CreditRequest); !ok {
			return misfit("kind", "is not what was asked for")
		}
		if answer.GetSubjectUsci() != asked.GetSubjectUsci() {
			return misfit("subject_usci", "is not the firm that was asked about")
		}
	}
	// A refusal may name no grant: the one it was asked with may not have been readable.
	grant := answer.(interface{ GetGrantId() string }).GetGrantId()
	_, refused := answer.(*borderv1.Refusal)
	if grant != asked.GetGrant().GetId() && (!refused || grant != "") {
		return misfit("grant_id", "is not the grant that was asked under")
	}
	return nil
}

func misfit(field, why string) error {
	return &border.Refused{Code: borderv1.RefusalCode_REFUSAL_CODE_MALFORMED, Field: field, Why: why}
}

// blank deletes the payload of an answered identity request: the person's number in it was needed until the answer, and no longer.
func blank(ctx context.Context, tx *store.Tx, request *borderv1.Envelope) error {
	request.Payload = nil
	body, err := proto.Marshal(request)
	if err != nil {
		return fmt.Errorf("encode an answered request: %w", err)
	}
	if _, err := tx.Exec(ctx, `update envelope set body = $2 where id = $1`, request.GetId(), body); err != nil {
		return fmt.Errorf("delete the payload of an answered request: %w", err)
	}
	return nil
}

func (x *Exchange) receiver(m proto.Message) Receiver {
	switch m.(type) {
	case *borderv1.Alert:
		return x.o.OnAlert
	case *borderv1.CityDigest:
		return x.o.OnDigest
	}
	return x.o.OnAnswer
}
