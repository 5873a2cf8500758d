package portal

import (
	"embed"
	"errors"
	"fmt"
	"path"

	"github.com/cedar-policy/cedar-go"

	"github.com/yidaitong/yidaitong/platform/party"
)

//go:embed policies/*.cedar
var policyFiles embed.FS

// policies say who may do what. One file per portal; what no policy permits is denied.
type policies struct {
	set *cedar.PolicySet
}

// object is what an action is done to. A page has only a kind and an id; what belongs to somebody names its firm or bank.
type object struct {
	kind string // Page, Demand, Application, Loan, Alert, Grant, Product
	id   string
	firm string // organisation id of the borrower, if any
	bank string // organisation id of the bank, if any
}

// aPage is the object of an action that needs no thing yet: opening a list, or an empty form.
var aPage = object{kind: "Page", id: "page"}

func loadPolicies() (policies, error) {
	p := policies{set: cedar.NewPolicySet()}
	files, err := policyFiles.ReadDir("policies")
	if err != nil {
		return p, err
	}
	for _, file := range files {
		text, err := policyFiles.ReadFile(path.Join("policies", file.Name()))
		if err != nil {
			return p, err
		}
		list, err := cedar.NewPolicyListFromBytes(file.Name(), text)
		if err != nil {
			return p, fmt.Errorf("policies/%s: %w", file.Name(), err)
		}
		for i, policy := range list {
			p.set.Add(cedar.PolicyID(fmt.Sprintf("%s#%d", file.Name(), i+1)), policy)
		}
	}
	return p, nil
}

// allows reports whether the session's account, or a visitor when there is none, may do the action to the object. A policy that
// cannot be evaluated denies, and its error says which.
func (p policies) allows(session *party.Session, action string, on object) (bool, error) {
	resource := cedar.NewEntityUID(cedar.EntityType(on.kind), cedar.String(on.id))
	principal, attributes := principalOf(session)
	entities := cedar.EntityMap{
		principal: {UID: principal, Attributes: attributes},
		resource: {UID: resource, Attributes: cedar.NewRecord(cedar.RecordMap{
			"firm": cedar.String(on.firm), "bank": cedar.String(on.bank),
		})},
	}
	decision, why := cedar.Authorize(p.set, entities, cedar.Request{
		Principal: principal, Resource: resource,
		Action: cedar.NewEntityUID("Action", cedar.String(action)),
	})
	var failed []error
	for _, e := range why.Errors {
		failed = append(failed, fmt.Errorf("policy %s: %s", e.PolicyID, e.Message))
	}
	return decision == cedar.Allow && len(failed) == 0, errors.Join(failed...)
}

func principalOf(session *party.Session) (cedar.EntityUID, cedar.Record) {
	if session == nil {
		return cedar.NewEntityUID("Visitor", "anyone"), cedar.Record{}
	}
	return cedar.NewEntityUID("Account", cedar.String(session.Account.ID)), cedar.NewRecord(cedar.RecordMap{
		"role":     cedar.String(session.Account.Role),
		"org":      cedar.String(session.Account.OrgID),
		"orgKind":  cedar.String(session.Organisation.Kind),
		"city":     cedar.String(session.Organisation.City),
		"verified": cedar.Boolean(session.Organisation.Verified()),
	})
}
