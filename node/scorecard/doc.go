// Package scorecard trains, checks, keeps and explains the models that turn a firm's indicators into a probability of
// default, a score, a grade and reasons.
//
// It owns the statistics of a scorecard (binning, weight of evidence, selection, regression, calibration, scaling,
// reasons), the model file, the credit portrait and the advice on limit and rate. Whatever way a card was trained, it is
// a sum of points per bin that a person can read.
//
// It never reads a delivery or a raw record, never knows which catalogue a column came from, and never lets a figure into
// an explanation: reasons name a column and a direction.
package scorecard
