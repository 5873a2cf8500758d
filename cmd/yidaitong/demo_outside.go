package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/city"
	"github.com/yidaitong/yidaitong/journey"
	"github.com/yidaitong/yidaitong/platform/exchange"
	"github.com/yidaitong/yidaitong/translog"
)

// outside is what happens beside the pages while the journey goes on: a court delivers, a sceptic goes past the platform, somebody
// verifies the logs, months pass.
func (w *demoWorld) outside() journey.World {
	return journey.World{Adverse: w.adverse, Probe: w.probe, VerifyLogs: w.verifyLogs, StartFast: w.startFast}
}

// adverse lets the court deliver on the day after the city's day, and the node take it in. Asked again it changes nothing.
func (w *demoWorld) adverse(ctx context.Context, usci string) (journey.Evidence, error) {
	asOf, err := time.Parse(time.DateOnly, w.folder.AsOf)
	if err != nil {
		return nil, fmt.Errorf("the demo's folder does not know the city's day; start over with --fresh: %w", err)
	}
	paths, err := city.Adverse(ctx, w.folder.dir, usci, asOf.AddDate(0, 0, 1))
	if err != nil {
		return nil, err
	}
	loaded, refreshed, err := takeIn(ctx, w.folder, paths, nil)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, p := range paths {
		files = append(files, filepath.Join(filepath.Base(filepath.Dir(p)), filepath.Base(p)))
	}
	return journey.Evidence{"files": files, "received": loaded.Received, "landed": loaded.Landed, "duplicates": loaded.Duplicates,
		"generation": refreshed.Generation, "refresh_seconds": refreshed.Seconds, "as_of": refreshed.AsOf}, nil
}

// probe puts a well-formed and signed request under the withdrawn grant straight into the exchange, past everything on the platform
// that would have refused it, and returns the node's own refusal.
func (w *demoWorld) probe(ctx context.Context, grantID string) (journey.Evidence, journey.Leaves, error) {
	var leaves journey.Leaves
	sent, err := w.sendUnder(ctx, grantID)
	if err != nil {
		return nil, leaves, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	answer, err := w.platform.Exchange.Await(ctx, sent.ID)
	if err != nil {
		return nil, leaves, fmt.Errorf("wait for the node: %w", err)
	}
	message, err := border.Decode(answer)
	if err != nil {
		return nil, leaves, fmt.Errorf("open the node's answer: %w", err)
	}
	refusal, ok := message.(*borderv1.Refusal)
	if !ok || refusal.GetCode() != borderv1.RefusalCode_REFUSAL_CODE_GRANT_REVOKED {
		return nil, leaves, fmt.Errorf("the node answered %s %s instead of refusing a withdrawn grant", answer.GetKind(), refusal.GetCode())
	}
	leaf, err := translog.VerifyEnvelope(answer, w.keys.LogVerifier(answer.GetSender()))
	if err != nil {
		return nil, leaves, fmt.Errorf("the refusal's place in the node's log: %w", err)
	}
	leaves = journey.Leaves{Node: answer.GetLogProof().GetLeafIndex(), Platform: sent.LeafIndex}
	return journey.Evidence{
		"request": sent.ID, "request_leaf": leaves.Platform, "request_log": sent.Origin,
		"refusal": strings.TrimPrefix(refusal.GetCode().String(), "REFUSAL_CODE_"), "refusal_envelope": answer.GetId(),
		"leaf": leaves.Node, "log": answer.GetLogProof().GetOrigin(), "leaf_kind": string(leaf.Kind),
	}, leaves, nil
}

// sendUnder sends the city's node a request for the report that a grant was about.
func (w *demoWorld) sendUnder(ctx context.Context, grantID string) (exchange.Sent, error) {
	var none exchange.Sent
	envelope, err := w.platform.Exchange.Envelope(ctx, grantID)
	if err != nil {
		return none, fmt.Errorf("find the grant: %w", err)
	}
	message, err := border.Decode(envelope)
	if err != nil {
		return none, fmt.Errorf("open the grant: %w", err)
	}
	grant, ok := message.(*borderv1.Grant)
	if !ok {
		return none, fmt.Errorf("%s is no grant", grantID)
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	id, err := border.NewID(now, rand.Reader)
	if err != nil {
		return none, err
	}
	return w.platform.Exchange.Send(ctx, w.folder.City, &borderv1.CreditRequest{Id: id, City: w.folder.City, Grant: envelope,
		Purpose: grant.GetPurpose(), SubjectUsci: grant.GetSubjectUsci(), RequesterId: grant.GetGranteeId(), RequestedAt: timestamppb.New(now)})
}

// publishWithin is how long a log may take to publish what it has taken in.
const publishWithin = 10 * time.Second

// verifyLogs reads both logs from end to end with their public keys: from the folder, and as anybody can get them over HTTP.
func (w *demoWorld) verifyLogs(ctx context.Context, beyond journey.Leaves) (journey.Evidence, error) {
	e := journey.Evidence{}
	for _, one := range []struct {
		folder, party string
		beyond        uint64
	}{{"node", border.NodeName(w.folder.City), beyond.Node}, {"platform", border.Platform, beyond.Platform}} {
		report, public, err := w.verifyLog(ctx, one.folder, one.party, one.beyond)
		if err != nil {
			return nil, fmt.Errorf("the log of the %s does not hold: %w", one.folder, err)
		}
		e[one.folder] = map[string]any{"origin": report.Origin, "size": report.Size, "root": report.Root, "signed": report.Signed, "published_size": public.Size}
	}
	return e, nil
}

// verifyLog verifies one log once its published checkpoint covers the leaf.
func (w *demoWorld) verifyLog(ctx context.Context, folder, party string, leaf uint64) (report, public translog.Report, err error) {
	origin, key := border.LogOrigin(party), w.keys.LogVerifier(party)
	for until := time.Now().Add(publishWithin); ; {
		if report, err = translog.VerifyDir(ctx, w.folder.path("log", folder), origin, key); err != nil {
			return report, public, err
		}
		if report.Size > leaf {
			break
		}
		if time.Now().After(until) {
			return report, public, fmt.Errorf("it publishes %d entries, and entry %d is not among them", report.Size, leaf)
		}
		select {
		case <-ctx.Done():
			return report, public, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	public, err = translog.VerifyURL(ctx, w.address+"/logs/"+folder, origin, key)
	return report, public, err
}
