package gate

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/catalogs"
)

// A watch lasts as long as its grant. What was known about the firm before it began is not an alert; what becomes known later is one,
// once, when the grant covers it.

// watch takes a watch on. It is answered only by a refusal.
func (a *answering) watch(ctx context.Context, r *borderv1.WatchRequest) (result proto.Message, refused, err error) {
	g, refused, err := a.grantOf(ctx, r.GetGrant())
	if refused != nil || err != nil {
		return nil, refused, err
	}
	refused = checkUse(g, borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING, r.GetRequesterId(), r.GetSubjectUsci())
	if refused != nil {
		return nil, refused, nil
	}
	f, ok := a.s.firms[r.GetSubjectUsci()]
	if !ok {
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_UNKNOWN_FIRM, "subject_usci", "is not known to the node"), nil
	}
	_, err = a.tx.ExecContext(ctx, `insert into watch (id, grant_id, usci, classes, not_after, grade) values (?, ?, ?, ?, ?, ?)`,
		r.GetId(), g.GetId(), f.usci, joinClasses(g.GetDataClasses()), micros(g.GetNotAfter().AsTime()), int64(f.grade))
	if err != nil {
		return nil, nil, fmt.Errorf("take on a watch: %w", err)
	}
	for _, e := range a.s.events[f.id] {
		if _, err := markEvent(ctx, a.tx, r.GetId(), e.key); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, a.use(ctx, g, r.GetId())
}

// markEvent notes that a watch has dealt with an event; false when it had before.
func markEvent(ctx context.Context, tx *sql.Tx, watchID, key string) (bool, error) {
	result, err := tx.ExecContext(ctx, `insert into watch_event (watch_id, event_key) values (?, ?) on conflict do nothing`, watchID, key)
	if err != nil {
		return false, fmt.Errorf("note an event of a watch: %w", err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// watched is a watch that has not ended.
type watched struct {
	id, grantID, usci string
	classes           []borderv1.DataClass
	grade             borderv1.Grade
}

// announce puts what follows from a new snapshot into the outbox, in one transaction: alerts, and the city's digest. A generation that was
// announced before is not announced again.
func (g *Gate) announce(ctx context.Context, s *snapshot) error {
	now := g.Clock()
	var d decision
	err := g.state.update(ctx, func(tx *sql.Tx) error {
		var last int64
		err := tx.QueryRowContext(ctx, `select generation from progress`).Scan(&last)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read what was announced: %w", err)
		}
		if last == s.Generation {
			return nil
		}
		if err := g.alert(ctx, tx, s, now, &d); err != nil {
			return err
		}
		if err := g.sendDigest(ctx, tx, s, now, &d); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `insert into progress (only, generation) values (1, ?)
			on conflict (only) do update set generation = excluded.generation`, s.Generation)
		return err
	})
	if err != nil {
		return fmt.Errorf("announce a new snapshot: %w", err)
	}
	return g.settle(ctx, d.leaves)
}

func (g *Gate) alert(ctx context.Context, tx *sql.Tx, s *snapshot, now time.Time, d *decision) error {
	watches, err := openWatches(ctx, tx, now)
	if err != nil {
		return err
	}
	for _, w := range watches {
		f, ok := s.firms[w.usci]
		if !ok {
			continue
		}
		for _, e := range s.events[f.id] {
			if err := g.alertOnce(ctx, tx, s, w, e, now, d); err != nil {
				return err
			}
		}
		if err := g.followGrade(ctx, tx, s, w, f, now, d); err != nil {
			return err
		}
	}
	return nil
}

func openWatches(ctx context.Context, tx *sql.Tx, now time.Time) ([]watched, error) {
	rows, err := tx.QueryContext(ctx, `select id, grant_id, usci, classes, grade from watch where ended_at = 0 and not_after > ? order by id`, micros(now))
	if err != nil {
		return nil, fmt.Errorf("read the watches: %w", err)
	}
	defer rows.Close()
	var all []watched
	for rows.Next() {
		var w watched
		var classes string
		if err := rows.Scan(&w.id, &w.grantID, &w.usci, &classes, &w.grade); err != nil {
			return nil, fmt.Errorf("read the watches: %w", err)
		}
		w.classes = splitClasses(classes)
		all = append(all, w)
	}
	return all, rows.Err()
}

// alertOnce sends an alert about an event that the watch has not dealt with and that its grant covers.
func (g *Gate) alertOnce(ctx context.Context, tx *sql.Tx, s *snapshot, w watched, e event, now time.Time, d *decision) error {
	if !s.alertCovered(e.code, w.classes) {
		return nil
	}
	fresh, err := markEvent(ctx, tx, w.id, e.key)
	if err != nil || !fresh {
		return err
	}
	id, err := border.NewID(now, rand.Reader)
	if err != nil {
		return err
	}
	alert := &borderv1.Alert{Id: id, WatchId: w.id, GrantId: w.grantID, SubjectUsci: w.usci, Code: e.code, Severity: e.severity,
		ObservedAt: timestamppb.New(e.known)}
	if err := border.Validate(alert); err != nil {
		g.Logger.ErrorContext(ctx, "an alert would break the output rules", "watch", w.id, "reason", err)
		return nil
	}
	return g.send(ctx, tx, alert, now, d)
}

// followGrade sends GRADE_DROP when the firm's grade is worse than the watch last knew, and remembers the grade.
func (g *Gate) followGrade(ctx context.Context, tx *sql.Tx, s *snapshot, w watched, f *firm, now time.Time, d *decision) error {
	if f.grade == 0 || f.grade == w.grade {
		return nil
	}
	if w.grade != 0 && f.grade > w.grade {
		severity := borderv1.Severity_SEVERITY_WARNING
		if f.grade-w.grade > 1 {
			severity = borderv1.Severity_SEVERITY_SEVERE
		}
		drop := event{code: borderv1.AlertCode_ALERT_CODE_GRADE_DROP, severity: severity, known: s.asOf,
			key: "grade-drop:" + strconv.FormatInt(s.Generation, 10)}
		if err := g.alertOnce(ctx, tx, s, w, drop, now, d); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `update watch set grade = ? where id = ?`, int64(f.grade), w.id); err != nil {
		return fmt.Errorf("remember a grade: %w", err)
	}
	return nil
}

// sendDigest sends the city at a glance. A digest that breaks the output rules stays inside.
func (g *Gate) sendDigest(ctx context.Context, tx *sql.Tx, s *snapshot, now time.Time, d *decision) error {
	if s.digest == nil {
		return nil
	}
	id, err := border.NewID(now, rand.Reader)
	if err != nil {
		return err
	}
	digest := proto.CloneOf(s.digest)
	digest.Id, digest.City = id, g.City
	if err := errors.Join(border.Validate(digest), g.ownNames(digest)); err != nil {
		g.Logger.ErrorContext(ctx, "the city's digest would break the output rules", "reason", err)
		return nil
	}
	return g.send(ctx, tx, digest, now, d)
}

// ownNames checks that a digest names only counties of this city and departments of the catalogues, so that no other word can leave in it.
func (g *Gate) ownNames(d *borderv1.CityDigest) error {
	for _, c := range d.GetCells() {
		if !strings.HasPrefix(c.GetDivision(), g.City[:4]) {
			return refusal(borderv1.RefusalCode_REFUSAL_CODE_MALFORMED, "division", "is of another city")
		}
	}
	for _, r := range d.GetDepartments() {
		if info, err := fs.Stat(catalogs.FS, r.GetDepartment()); err != nil || !info.IsDir() {
			return refusal(borderv1.RefusalCode_REFUSAL_CODE_MALFORMED, "department", "is none of the catalogues'")
		}
	}
	return nil
}

func joinClasses(all []borderv1.DataClass) string {
	numbers := make([]string, len(all))
	for i, c := range all {
		numbers[i] = strconv.Itoa(int(c))
	}
	return strings.Join(numbers, ",")
}

func splitClasses(text string) []borderv1.DataClass {
	var all []borderv1.DataClass
	for number := range strings.SplitSeq(text, ",") {
		if n, err := strconv.Atoi(number); err == nil {
			all = append(all, borderv1.DataClass(n))
		}
	}
	return all
}
