"""What a project needs: read from a file, and rendered for containers and CI."""
