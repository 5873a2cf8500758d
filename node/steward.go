package node

import (
	"context"

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
