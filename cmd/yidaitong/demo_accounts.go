package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/yidaitong/yidaitong/city"
	"github.com/yidaitong/yidaitong/journey"
	"github.com/yidaitong/yidaitong/platform/party"
)

// demoAccount is somebody of a bank or an office who can sign in.
type demoAccount struct {
	journey.Person
	Role         party.Role    `json:"role"`
	OrgKind      party.OrgKind `json:"organisation_kind"`
	Organisation string        `json:"organisation"`
	OrgEN        string        `json:"organisation_en"`
	Department   string        `json:"department,omitempty"`
}

// demoAccountsFile is accounts.json: made once for a demo's folder, readable by its owner only. The borrowers are people of the
// synthetic city, who know their own identity numbers.
type demoAccountsFile struct {
	Borrower journey.Borrower   `json:"borrower"`
	Others   []journey.Borrower `json:"others"` // for the further paths
	Staff    []demoAccount      `json:"staff"`
}

// demoStaff is who works with the platform in the demo; passwords are made when the folder is set up.
func demoStaff() []demoAccount {
	bank := func(login, name string, role party.Role, org, en string) demoAccount {
		return demoAccount{Person: journey.Person{Login: login, Name: name}, Role: role, OrgKind: party.KindBank, Organisation: org, OrgEN: en}
	}
	office := func(login, name string, role party.Role, department, org, en string) demoAccount {
		return demoAccount{Person: journey.Person{Login: login, Name: name}, Role: role, OrgKind: party.KindGovernment,
			Department: department, Organisation: org, OrgEN: en}
	}
	return []demoAccount{
		bank("gaocheng.officer", "方敏", party.RoleBankOfficer, "皋城农村商业银行", "Gaocheng Rural Commercial Bank"),
		bank("gaocheng.risk", "陶然", party.RoleBankRisk, "皋城农村商业银行", "Gaocheng Rural Commercial Bank"),
		bank("pihe.officer", "孟宁", party.RoleBankOfficer, "淠河银行", "Pihe Bank"),
		bank("pihe.risk", "卢静", party.RoleBankRisk, "淠河银行", "Pihe Bank"),
		bank("dabie.officer", "韩峰", party.RoleBankOfficer, "大别山村镇银行", "Dabie Mountain Village Bank"),
		bank("dabie.risk", "杜鹃", party.RoleBankRisk, "大别山村镇银行", "Dabie Mountain Village Bank"),
		office("data.bureau", "程远", party.RoleDataBureau, "", "市数据资源管理局", "Data Resources Bureau"),
		office("finance.office", "蒋悦", party.RoleFinanceOffice, "finance", "市地方金融管理局", "Local Finance Office"),
		office("treasury", "沈默", party.RoleTreasury, "", "市财政局", "Treasury"),
		office("tax.clerk", "潘晓", party.RoleDepartmentClerk, "tax", "市税务局", "Tax Bureau"),
		office("auditor", "石磊", party.RoleAuditor, "", "市审计局", "Audit Bureau"),
		{Person: journey.Person{Login: "operator", Name: "姚远"}, Role: party.RoleOperator, OrgKind: party.KindOperator,
			Organisation: "一贷通运营中心", OrgEN: "Yidaitong Operations"},
	}
}

// demoOthers is how many borrowers stand ready besides the journey's own.
const demoOthers = 7

// setUpAccounts casts the borrowers and makes everybody's password.
func setUpAccounts(ctx context.Context, _ *console, d *demoFolder) (string, error) {
	f := demoAccountsFile{Staff: demoStaff()}
	for i := range f.Staff {
		f.Staff[i].Password = demoPassword()
	}
	for n := range 1 + demoOthers {
		b, err := castBorrower(ctx, d.dir, n)
		if err != nil {
			return "", err
		}
		if n == 0 {
			f.Borrower = b
		} else {
			f.Others = append(f.Others, b)
		}
	}
	return fmt.Sprintf("%d people, in %s", len(f.Staff)+1+len(f.Others), d.path(demoAccounts)), writeDemoFile(d.path(demoAccounts), f)
}

// castBorrower makes the n-th of the city's sound firms a borrower with a way in.
func castBorrower(ctx context.Context, dir string, n int) (journey.Borrower, error) {
	b, err := city.PickBorrower(ctx, dir, n)
	if err != nil {
		return journey.Borrower{}, fmt.Errorf("find a borrower in the city: %w", err)
	}
	login := "borrower"
	if n > 0 {
		login = fmt.Sprintf("borrower-%d", n+1)
	}
	return journey.Borrower{Person: journey.Person{Login: login, Password: demoPassword(), Name: b.LegalPerson},
		Kind: b.Kind, FirmName: b.Name, USCI: b.USCI, ResidentID: b.LegalPersonID,
		Section: b.IndustryCode[:1], EstablishedOn: b.EstablishedOn.Format(time.DateOnly)}, nil
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
	borrower := demoAccount{Person: f.Borrower.Person, Role: party.Role(f.Borrower.Kind), Organisation: f.Borrower.FirmName}
	return append([]demoAccount{borrower}, f.Staff...)
}

// seeds is the staff as the platform takes it.
func (f demoAccountsFile) seeds(city string) []party.Staff {
	var staff []party.Staff
	for _, a := range f.Staff {
		staff = append(staff, party.Staff{OrgKind: a.OrgKind, OrgName: a.Organisation, OrgNameEN: a.OrgEN, Department: a.Department,
			City: city, Login: a.Login, Password: a.Password, Name: a.Name, Role: a.Role})
	}
	return staff
}

// bankUser finds the account manager of a bank by the bank's name.
func (f demoAccountsFile) bankUser(bank string) (journey.Person, bool) {
	for _, a := range f.Staff {
		if a.Organisation == bank && a.Role == party.RoleBankOfficer {
			return a.Person, true
		}
	}
	return journey.Person{}, false
}
