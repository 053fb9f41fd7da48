"""What the station kept, for other programs: FHIR, CSV and training material."""
