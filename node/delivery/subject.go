package delivery

import (
	"context"
	"fmt"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// EndSubject finds the rows about a subject, and ends them when told to. of gives for a catalogue the condition over its landed view that holds for
// the subject's rows, "" where it can have none; quarantined rows and mends go when their text holds the identifier. Registers are left alone. Each
// catalogue counts as a whole or not at all.
func EndSubject(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, identifier string, of func(*catalog.Contract) string, apply bool, clock func() time.Time) ([]EndedOf, error) {
	e, err := newEnder(ctx, l, contracts, clock)
	if err != nil {
		return nil, err
	}
	defer e.conn.Close()
	found := []EndedOf{}
	for _, c := range contracts.All() {
		if c.Role == catalog.RoleReference {
			continue
		}
		which := doomed{landed: "false", kept: "contains(upper(q.said), " + lake.Quote(identifier) + ")", ground: "《个人信息保护法》第四十七条 right to deletion"}
		if condition := of(c); condition != "" {
			mine := fmt.Sprintf("_id IN (SELECT _id FROM %s WHERE %s)", c.View(), condition)
			// Rows that end others are in no view, and name the subject all the same.
			which.landed = fmt.Sprintf("%s OR (_ends AND _key IN (SELECT _key FROM rows WHERE %s))", mine, mine)
		}
		done, err := e.end(ctx, c, which, apply)
		if err != nil {
			return found, fmt.Errorf("end rows of %s: %w", c.View(), err)
		}
		if done.Landed+done.Quarantined+done.Mends > 0 {
			found = append(found, done)
		}
	}
	return found, nil
}
