package node

import (
	"context"

	"github.com/yidaitong/yidaitong/node/delivery"
)

// Compact merges the lake's many small files into few.
func (n *Node) Compact(ctx context.Context) (delivery.CompactReport, error) {
	return delivery.Compact(ctx, n.lake, n.Catalogs)
}
