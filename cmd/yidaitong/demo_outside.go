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
func (w *demoWorld) probe(ctx context.Context, grantID string) (journey.Evidence, error) {
	envelope, err := w.platform.Exchange.Envelope(ctx, grantID)
	if err != nil {
		return nil, fmt.Errorf("find the grant: %w", err)
	}
	message, err := border.Decode(envelope)
	if err != nil {
		return nil, fmt.Errorf("open the grant: %w", err)
	}
	grant, ok := message.(*borderv1.Grant)
	if !ok {
		return nil, fmt.Errorf("%s is no grant", grantID)
	}
	now := time.Now()
	id, err := border.NewID(now, rand.Reader)
	if err != nil {
		return nil, err
	}
	sent, err := w.platform.Exchange.Send(ctx, w.folder.City, &borderv1.CreditRequest{Id: id, City: w.folder.City, Grant: envelope,
		Purpose: grant.GetPurpose(), SubjectUsci: grant.GetSubjectUsci(), RequesterId: grant.GetGranteeId(), RequestedAt: timestamppb.New(now.UTC().Truncate(time.Microsecond))})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	answer, err := w.platform.Exchange.Await(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("wait for the node: %w", err)
	}
	if message, err = border.Decode(answer); err != nil {
		return nil, fmt.Errorf("open the node's answer: %w", err)
	}
	refusal, ok := message.(*borderv1.Refusal)
	if !ok || refusal.GetCode() != borderv1.RefusalCode_REFUSAL_CODE_GRANT_REVOKED {
		return nil, fmt.Errorf("the node answered %s %s instead of refusing a withdrawn grant", answer.GetKind(), refusal.GetCode())
	}
	leaf, err := translog.VerifyEnvelope(answer, w.keys.LogVerifier(answer.GetSender()))
	if err != nil {
		return nil, fmt.Errorf("the refusal's place in the node's log: %w", err)
	}
	return journey.Evidence{
		"request": id, "request_leaf": sent.LeafIndex, "request_log": sent.Origin,
		"refusal": strings.TrimPrefix(refusal.GetCode().String(), "REFUSAL_CODE_"), "refusal_envelope": answer.GetId(),
		"leaf": answer.GetLogProof().GetLeafIndex(), "log": answer.GetLogProof().GetOrigin(), "leaf_kind": string(leaf.Kind),
	}, nil
}

// verifyLogs reads both logs from end to end with their public keys: from the folder, and as anybody can get them over HTTP.
func (w *demoWorld) verifyLogs(ctx context.Context) (journey.Evidence, error) {
	e := journey.Evidence{}
	for folder, party := range map[string]string{"node": border.NodeName(w.folder.City), "platform": border.Platform} {
		report, err := translog.VerifyDir(ctx, w.folder.path("log", folder), border.LogOrigin(party), w.keys.LogVerifier(party))
		if err != nil {
			return nil, fmt.Errorf("the log of the %s does not hold: %w", folder, err)
		}
		public, err := translog.VerifyURL(ctx, w.address+"/logs/"+folder, border.LogOrigin(party), w.keys.LogVerifier(party))
		if err != nil {
			return nil, fmt.Errorf("the published log of the %s does not hold: %w", folder, err)
		}
		e[folder] = map[string]any{"origin": report.Origin, "size": report.Size, "root": report.Root, "signed": report.Signed, "published_size": public.Size}
	}
	return e, nil
}
