package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/yidaitong/yidaitong/journey"
)

// demoAccount is somebody who can sign in.
type demoAccount struct {
	journey.Person
	Role         string `json:"role"`
	Organisation string `json:"organisation"`
}

// demoAccountsFile is accounts.json: made once for a demo's folder, readable by its owner only. The borrowers are people of the synthetic city.
type demoAccountsFile struct {
	Borrower journey.Borrower            `json:"borrower"`
	Others   map[string]journey.Borrower `json:"others"` // borrowers of the further paths
	Staff    []demoAccount               `json:"staff"`
}

func readDemoAccounts(d *demoFolder) (demoAccountsFile, error) {
	var f demoAccountsFile
	text, err := os.ReadFile(d.path(demoAccounts))
	if err != nil {
		return f, fmt.Errorf("read who can sign in: %w", err)
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return f, fmt.Errorf("%s cannot be read (%w); start over with --fresh", d.path(demoAccounts), err)
	}
	return f, nil
}

func (f demoAccountsFile) everybody() []demoAccount {
	return append([]demoAccount{{Person: f.Borrower.Person, Role: f.Borrower.Kind, Organisation: f.Borrower.FirmName}}, f.Staff...)
}

// bankUser finds the account manager of a bank.
func (f demoAccountsFile) bankUser(bank string) (journey.Person, bool) {
	for _, a := range f.Staff {
		if a.Organisation == bank && a.Role == "bank_officer" {
			return a.Person, true
		}
	}
	return journey.Person{}, false
}

func (f demoAccountsFile) auditor() journey.Person {
	for _, a := range f.Staff {
		if a.Role == "auditor" {
			return a.Person
		}
	}
	return journey.Person{}
}

func setUpAccounts(_ context.Context, _ *console, d *demoFolder) (string, error) {
	return "", writeDemoFile(d.path(demoAccounts), demoAccountsFile{})
}
