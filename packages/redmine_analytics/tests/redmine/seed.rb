# Fills a new database: default data, two projects and twelve weeks of history.
# Moves are saved by Redmine's own models, then given their time in the past.
require 'redmine/default_data/loader'
Redmine::DefaultData::Loader.load('en')
ActionMailer::Base.perform_deliveries = false
Setting.rest_api_enabled = '1'
Setting.notified_events = []

admin = User.find_by_login('admin')
admin.update_columns(must_change_passwd: false)
User.current = admin
# A token makes up its value when it is created.
key = ->(user, value) { Token.create!(user: user, action: 'api').update_columns(value: value) }
key.call(admin, 'a' * 40)
people = %w[maya noor].map do |login|
  user = User.new(firstname: login.capitalize, lastname: 'Example', mail: "#{login}@example.com", language: 'en')
  user.login = login
  user.password = 'a-long-password'
  user.save!
  user
end
key.call(people.first, 'b' * 40)

trackers = Tracker.order(:position).to_a
points = IssueCustomField.create!(name: 'Story Points', field_format: 'float', is_for_all: true, is_filter: true, trackers: trackers)
# Twins: the model refuses a second field with the name, plugins and old data have them.
2.times do |number|
  field = IssueCustomField.create!(name: "Team #{number}", field_format: 'string', is_for_all: true, is_filter: true, trackers: trackers)
  field.update_columns(name: 'Team')
end

def project!(name, identifier, **options)
  project = Project.new(name: name, is_public: true, **options)
  project.identifier = identifier
  project.trackers = Tracker.all
  project.enabled_module_names = %w[issue_tracking time_tracking]
  project.save!
  project
end
devops = project!('Devops', 'devops')
web = project!('Web', 'web')
web.set_parent!(devops)
other = project!('Elsewhere', 'elsewhere')
roles = Role.where(builtin: 0).order(:position).to_a
[devops, web, other].each do |project|
  Member.create!(project: project, principal: people.first, roles: [roles.first])
end
Member.create!(project: devops, principal: people.last, roles: [roles.last])

START = Time.utc(2026, 7, 6, 9)
sprints = (1..12).map do |number|
  Version.create!(project: devops, name: "Sprint #{number}", status: 'open', sharing: 'descendants',
                  effective_date: (START + (number * 7 - 3).days).to_date)
end
backlog = Version.create!(project: devops, name: 'Backlog', status: 'open', sharing: 'descendants')
Version.where(id: sprints.map(&:id) + [backlog.id]).update_all(created_on: START - 7.days)

new, progress, resolved, feedback, closed, rejected = IssueStatus.order(:position).to_a
activity = TimeEntryActivity.first
random = Random.new(20260706)

# One step of an issue's life: changes, saved with a journal, at a time of the past.
step = lambda do |issue, time, user, changes|
  issue = Issue.find(issue.id) # one that was saved keeps adding to its last journal
  before = issue.journals.maximum(:id) || 0
  issue.init_journal(user, changes.delete(:notes) || '')
  values = changes.delete(:points)
  issue.custom_field_values = { points.id.to_s => values.to_s } if values
  changes.each { |name, value| issue.public_send("#{name}=", value) }
  issue.save!
  Journal.where(journalized_id: issue.id).where('id > ?', before).update_all(created_on: time)
  columns = { updated_on: time }
  columns[:closed_on] = time if changes[:status]&.is_closed?
  issue.update_columns(columns)
end

subjects = ['Rack the new switch', 'Renew certificates', "Café menu – naïve ordering", '=HYPERLINK("http://evil.example","x")',
            '<script>alert(1)</script>', 'Move logs off the old host', 'Backups: restore drill', '+1 for dark mode']
count = (ENV['SEED_ISSUES'] || 60).to_i
count.times do |number|
  sprint_index = number * 12 / count
  created = START + (sprint_index * 7 - 4).days + (number % 5).hours + 7.minutes
  issue = Issue.new(project: number % 10 == 9 ? web : devops, tracker: trackers[number % trackers.size], author: people[number % 2],
                    subject: "#{subjects[number % subjects.size]} #{number}", status: new, priority: IssuePriority.default || IssuePriority.first,
                    fixed_version: sprints[sprint_index], estimated_hours: [nil, 2, 4, 8.5][number % 4])
  issue.custom_field_values = { points.id.to_s => [1, 2, 3, 5, 8][number % 5].to_s }
  issue.save!
  issue.update_columns(created_on: created, updated_on: created)
  user = people[(number + 1) % 2]
  started = START + (sprint_index * 7).days + (number % 5).days + (1 + random.rand(3)).hours
  finished = started + (4 + random.rand(60)).hours
  step.call(issue, started, user, { status: progress, assigned_to: people.first }) unless number % 11 == 10 # skips a state
  next if sprint_index == 11 && number.odd? # the last sprint is being worked on
  case number % 7
  when 3 # goes back once
    step.call(issue, started + 2.hours, user, { status: feedback, notes: 'Which port?' })
    step.call(issue, started + 3.hours, user, { status: progress })
  when 5 # the estimate changes after the commitment
    step.call(issue, started + 2.hours, user, { points: 13 })
  when 6 # spills over into the next sprint
    step.call(issue, started + 1.day, user, { fixed_version: sprints[[sprint_index + 1, 11].min] })
    finished = started + 7.days
  end
  step.call(issue, finished, user, { status: resolved, done_ratio: 90 })
  step.call(issue, finished + 2.hours, people.first, { status: number % 13 == 12 ? rejected : closed })
  if number % 15 == 14 # reopened: closed_on stays
    step.call(issue, finished + 26.hours, user, { status: progress, notes: 'Not fixed.' })
  end
  next if number % 3 == 2
  entry = TimeEntry.new(project: issue.project, issue: issue, user: people.first, author: people.first, activity: activity,
                        hours: 1.25 + (number % 6), spent_on: started.to_date, comments: "Work on #{number}")
  entry.save!
end

# Parent and child, a private issue, an issue without a version, one of another project.
parent, child = Issue.order(:id).first(2)
child.reload.update!(parent_issue_id: parent.id)
Issue.where(id: [parent.id, child.id]).update_all(updated_on: START + 70.days)
Issue.create!(project: devops, tracker: trackers.first, author: people.first, subject: 'Private to its author', status: new,
              priority: IssuePriority.first, is_private: true)
Issue.create!(project: devops, tracker: trackers.first, author: people.first, subject: 'Not planned yet', status: new, priority: IssuePriority.first, fixed_version: backlog)
Issue.create!(project: other, tracker: trackers.first, author: people.first, subject: 'Of another project', status: new, priority: IssuePriority.first)
Issue.where('id > ?', count).update_all(created_on: START + 80.days, updated_on: START + 80.days)
Journal.where('created_on > ?', START + 200.days).update_all(created_on: START + 70.days)

query = IssueQuery.new(name: 'Sprints', project: devops, visibility: Query::VISIBILITY_PUBLIC, user: admin,
                       column_names: [:tracker, :status, :fixed_version, :"cf_#{points.id}", :estimated_hours, :spent_hours, :subject, :created_on, :closed_on])
query.filters = { 'status_id' => { operator: '*', values: [''] }, 'fixed_version_id' => { operator: '*', values: [''] } }
query.save!
