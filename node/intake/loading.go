package intake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/lake"
)

// keepLoading loads what lies in the inbox, now and whenever a file has arrived, until ctx ends. While another command holds the lake it waits.
func (r *Receiver) keepLoading(ctx context.Context) {
	for {
		wait := sweepEvery
		err := r.loadInbox(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, lake.ErrLocked):
			wait = lockedRetryAfter
		case err != nil:
			r.o.Logger.Error("the inbox could not be loaded", "error", err)
		}
		r.dropOldParts()
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-r.arrived:
		}
		timer.Stop()
	}
}

// loadInbox loads every file of the inbox, department by department, and moves it out with a receipt.
func (r *Receiver) loadInbox(ctx context.Context) error {
	var paths []string
	for _, d := range r.o.Catalogs.Departments() {
		entries, err := os.ReadDir(r.folders.inbox(d.Code))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read the inbox: %w", err)
		}
		for _, e := range entries {
			if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(e.Name(), "~$") {
				paths = append(paths, filepath.Join(r.folders.inbox(d.Code), e.Name()))
			}
		}
	}
	if len(paths) == 0 {
		return nil
	}
	return r.o.Load(ctx, paths, r.settle)
}

func (r *Receiver) settle(path string, report delivery.LoadReport) error {
	receipt, err := Settle(r.o.Node, path, report, r.o.Clock())
	if err != nil {
		return err
	}
	r.o.Logger.Info("loaded", "department", receipt.Department, "catalogue", receipt.Catalogue, "state", receipt.State, "received", receipt.Received,
		"landed", receipt.Landed, "quarantined", receipt.Quarantined, "duplicates", receipt.Duplicates)
	return nil
}

// Settle keeps the receipt of a file of the inbox that was loaded, and takes the file out of the inbox. Killed in between, the file is loaded again
// and its rows count as duplicates.
func Settle(node, path string, report delivery.LoadReport, now time.Time) (Receipt, error) {
	f := folders{node}
	sum, err := fileSum(path)
	if err != nil {
		return Receipt{}, fmt.Errorf("read a loaded file: %w", err)
	}
	receipt := receiptOf(path, report)
	receipt.SHA256, receipt.At = sum, now.UTC()
	if err := writeJSON(f.receipt(receipt.Department, receipt.File), receipt); err != nil {
		return receipt, err
	}
	folder := f.done(receipt.State, receipt.Department)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return receipt, fmt.Errorf("move a loaded file: %w", err)
	}
	// A later file of the same name does not replace an earlier one.
	kept := filepath.Join(folder, sum[:12]+"-"+receipt.File)
	if err := errors.Join(os.Rename(path, kept), syncFolder(folder)); err != nil {
		return receipt, fmt.Errorf("move a loaded file: %w", err)
	}
	return receipt, nil
}

func receiptOf(path string, report delivery.LoadReport) Receipt {
	receipt := Receipt{Department: filepath.Base(filepath.Dir(path)), File: filepath.Base(path), State: Loaded,
		Received: report.Received, Landed: report.Landed, Quarantined: report.Quarantined, Duplicates: report.Duplicates}
	if report.Files == 0 {
		receipt.State = Refused
	}
	var names []string
	for _, c := range report.Catalogues {
		names = append(names, c.Catalogue)
	}
	receipt.Catalogue = strings.Join(slices.Compact(names), ",")
	for _, refused := range report.Refused {
		name := strings.TrimPrefix(strings.TrimPrefix(refused.File, filepath.Dir(path)), string(filepath.Separator))
		receipt.Refusals = append(receipt.Refusals, Refusal{File: filepath.ToSlash(name), Reason: refused.Reason, ReasonZH: refused.ReasonZH})
	}
	return receipt
}

// dropOldParts removes uploads that nobody continued.
func (r *Receiver) dropOldParts() {
	found, err := filepath.Glob(filepath.Join(r.folders.parts(), "*.part"))
	if err != nil {
		return
	}
	for _, path := range found {
		info, err := os.Stat(path)
		if err != nil || r.o.Clock().Sub(info.ModTime()) < partsKept {
			continue
		}
		if err := os.Remove(path); err == nil {
			r.o.Logger.Info("dropped an upload that was not continued", "bytes", info.Size())
		}
	}
}
