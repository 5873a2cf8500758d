package journey

import (
	"context"
	"errors"
)

var errNotWired = errors.New("this step is not played yet")

func (p *Player) register(ctx context.Context) (Evidence, error)           { return nil, errNotWired }
func (p *Player) verifyIdentity(ctx context.Context) (Evidence, error)     { return nil, errNotWired }
func (p *Player) publishDemand(ctx context.Context) (Evidence, error)      { return nil, errNotWired }
func (p *Player) browseProducts(ctx context.Context) (Evidence, error)     { return nil, errNotWired }
func (p *Player) match(ctx context.Context) (Evidence, error)              { return nil, errNotWired }
func (p *Player) authorise(ctx context.Context) (Evidence, error)          { return nil, errNotWired }
func (p *Player) apply(ctx context.Context) (Evidence, error)              { return nil, errNotWired }
func (p *Player) nodeScore(ctx context.Context) (Evidence, error)          { return nil, errNotWired }
func (p *Player) report(ctx context.Context) (Evidence, error)             { return nil, errNotWired }
func (p *Player) bankReview(ctx context.Context) (Evidence, error)         { return nil, errNotWired }
func (p *Player) offer(ctx context.Context) (Evidence, error)              { return nil, errNotWired }
func (p *Player) accept(ctx context.Context) (Evidence, error)             { return nil, errNotWired }
func (p *Player) contract(ctx context.Context) (Evidence, error)           { return nil, errNotWired }
func (p *Player) disburse(ctx context.Context) (Evidence, error)           { return nil, errNotWired }
func (p *Player) repay(ctx context.Context) (Evidence, error)              { return nil, errNotWired }
func (p *Player) adverseEvent(ctx context.Context) (Evidence, error)       { return nil, errNotWired }
func (p *Player) alert(ctx context.Context) (Evidence, error)              { return nil, errNotWired }
func (p *Player) whoUsedMyData(ctx context.Context) (Evidence, error)      { return nil, errNotWired }
func (p *Player) revoke(ctx context.Context) (Evidence, error)             { return nil, errNotWired }
func (p *Player) refusedAfterRevoke(ctx context.Context) (Evidence, error) { return nil, errNotWired }
func (p *Player) logVerify(ctx context.Context) (Evidence, error)          { return nil, errNotWired }
