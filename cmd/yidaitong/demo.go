package main

const (
	demoCity  = "341500"
	demoFirms = 2000
)
