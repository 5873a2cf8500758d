package consent

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/proto"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/store"
)

// selectGrant: one row per grant, with its grantee's name.
const selectGrant = `select g.id, g.subject_org, g.subject_usci, g.city, g.grantee_id, o.name, g.purpose, g.classes, g.not_before, g.not_after,
	g.max_uses, g.uses, g.text_version, g.given_by, g.given_at, g.revoked_at, g.envelope_id, g.leaf_index
	from consent_grant g join organisation o on o.id = g.grantee_id`

func scanGrant(scan func(...any) error) (g Grant, err error) {
	var purpose, notBefore, notAfter, given, revoked, leaf int64
	var classes string
	err = scan(&g.ID, &g.SubjectOrg, &g.SubjectUSCI, &g.City, &g.GranteeID, &g.GranteeName, &purpose, &classes, &notBefore, &notAfter,
		&g.MaxUses, &g.Uses, &g.TextVersion, &g.GivenBy, &given, &revoked, &g.EnvelopeID, &leaf)
	if err != nil {
		return Grant{}, err
	}
	g.Purpose, g.LeafIndex = borderv1.Purpose(purpose), uint64(leaf)
	g.NotBefore, g.NotAfter, g.GivenAt, g.RevokedAt = store.Time(notBefore), store.Time(notAfter), store.Time(given), store.Time(revoked)
	g.Classes, err = parseClasses(classes)
	return g, err
}

func ownGrant(ctx context.Context, tx *store.Tx, by party.Actor, id string) (Grant, error) {
	return scanGrant(tx.Row(ctx, selectGrant+` where g.id = $1 and g.subject_org = $2`, id, by.OrgID).Scan)
}

func insertGrant(ctx context.Context, tx *store.Tx, g Grant, evidence []byte, envelope *borderv1.Envelope) error {
	raw, err := proto.Marshal(envelope)
	if err != nil {
		return fmt.Errorf("encode a grant: %w", err)
	}
	_, err = tx.Exec(ctx, `insert into consent_grant (id, subject_org, subject_usci, city, grantee_id, purpose, classes, not_before, not_after,
		max_uses, text_version, evidence, given_by, given_at, envelope, envelope_id, leaf_index)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		g.ID, g.SubjectOrg, g.SubjectUSCI, g.City, g.GranteeID, int64(g.Purpose), classesText(g.Classes), store.Micros(g.NotBefore),
		store.Micros(g.NotAfter), g.MaxUses, g.TextVersion, string(evidence), g.GivenBy, store.Micros(g.GivenAt), raw, g.EnvelopeID, int64(g.LeafIndex))
	return err
}

func classesText(classes []borderv1.DataClass) string {
	text, err := json.Marshal(classes)
	if err != nil {
		panic("consent: numbers cannot be written: " + err.Error())
	}
	return string(text)
}

func parseClasses(text string) (classes []borderv1.DataClass, err error) {
	if err := json.Unmarshal([]byte(text), &classes); err != nil {
		return nil, fmt.Errorf("read a grant's classes: %w", err)
	}
	return classes, nil
}

// selectUse: one row per use, with the user's name and the grant's purpose and classes.
const selectUse = `select u.id, u.at, u.kind, u.grant_id, u.request_id, u.user_org, o.name, u.account_id, g.purpose, g.classes, u.payload,
	u.refusal, u.alert, u.score, u.grade, u.limit_band, u.envelope_id, u.origin, u.leaf_index
	from data_use u join organisation o on o.id = u.user_org join consent_grant g on g.id = u.grant_id`

func scanUse(scan func(...any) error) (u Use, err error) {
	var at, purpose, payload, refusal, alert, grade, limit, leaf int64
	var classes string
	err = scan(&u.ID, &at, &u.Kind, &u.GrantID, &u.RequestID, &u.UserOrg, &u.UserName, &u.AccountID, &purpose, &classes, &payload,
		&refusal, &alert, &u.Score, &grade, &limit, &u.EnvelopeID, &u.Origin, &leaf)
	if err != nil {
		return Use{}, err
	}
	u.At, u.LeafIndex = store.Time(at), uint64(leaf)
	u.Purpose, u.Payload, u.Refusal = borderv1.Purpose(purpose), borderv1.PayloadKind(payload), borderv1.RefusalCode(refusal)
	u.Alert, u.Grade, u.LimitBand = borderv1.AlertCode(alert), borderv1.Grade(grade), borderv1.LimitBand(limit)
	u.Classes, err = parseClasses(classes)
	return u, err
}

// Record writes inside tx one line of "who used my data" of a subject. An envelope is recorded once.
func Record(ctx context.Context, tx *store.Tx, subjectOrg string, u Use) error {
	_, err := tx.Exec(ctx, `insert into data_use (id, subject_org, at, kind, grant_id, request_id, user_org, account_id, payload, refusal, alert,
		score, grade, limit_band, envelope_id, origin, leaf_index)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) on conflict (envelope_id) do nothing`,
		u.ID, subjectOrg, store.Micros(u.At), u.Kind, u.GrantID, u.RequestID, u.UserOrg, u.AccountID, int64(u.Payload), int64(u.Refusal),
		int64(u.Alert), u.Score, int64(u.Grade), int64(u.LimitBand), u.EnvelopeID, u.Origin, int64(u.LeafIndex))
	return err
}
