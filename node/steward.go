package node

import (
	"context"
	"fmt"
	"time"

	"github.com/yidaitong/yidaitong/node/delivery"
)

// Quarantined lists rows that the contracts' rules keep back.
func (n *Node) Quarantined(ctx context.Context, only delivery.Only, values bool, limit int) (delivery.QuarantineReport, error) {
	return delivery.Quarantined(ctx, n.lake, n.Catalogs, only, values, limit)
}

// Mend puts a steward's values into one quarantined row, which lands when it then holds.
func (n *Node) Mend(ctx context.Context, m delivery.Mend) (delivery.ReplayCount, error) {
	return delivery.ApplyMend(ctx, n.lake, n.Catalogs, m, n.Clock)
}

// Replay reads quarantined rows again under the contracts as they are now.
func (n *Node) Replay(ctx context.Context, only delivery.Only) (delivery.ReplayReport, error) {
	return delivery.Replay(ctx, n.lake, n.Catalogs, only, n.Clock)
}

// Retain finds the rows whose time has come by a day, and ends them when told to. The next refresh computes everything anew.
func (n *Node) Retain(ctx context.Context, asOf time.Time, apply bool) (delivery.RetentionReport, error) {
	if apply {
		if err := n.forgetRefresh(ctx); err != nil {
			return delivery.RetentionReport{}, err
		}
	}
	return delivery.Retain(ctx, n.lake, n.Catalogs, asOf, apply, n.Clock)
}

// forgetRefresh takes away the notes of the last refresh, so that the next one carries no figure over from rows that are gone.
func (n *Node) forgetRefresh(ctx context.Context) error {
	if err := n.run(ctx, noteTables, "DELETE FROM refresh.state"); err != nil {
		return fmt.Errorf("forget what the last refresh saw: %w", err)
	}
	return nil
}
